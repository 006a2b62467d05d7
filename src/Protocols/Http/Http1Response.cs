namespace PolicyProxy.Protocols.Http;

/// <summary>
/// One HTTP/1.x response, a view on its head, as strict as <see cref="Http1Request"/>. Refusals are the origin's fault: answer 502, not
/// <see cref="HttpErrorStatus.Of"/>. Nothing is allocated; the head must outlive the view.
/// </summary>
public readonly ref struct Http1Response
{
    private const int StatusOffset = 9;

    private readonly ReadOnlySpan<byte> _head;
    private readonly int _fieldsOffset;

    private Http1Response(ReadOnlySpan<byte> head, int lineLength, int status, Http1ResponseTo to, scoped in Http1FieldFacts facts)
    {
        _head = head;
        _fieldsOffset = lineLength + 2;
        StatusCode = status;
        IsVersion10 = head[7] == '0';
        Reason = lineLength > StatusOffset + 4 ? head[(StatusOffset + 4)..lineLength] : default;
        StartsTunnel = status == 101 || (to == Http1ResponseTo.Connect && status / 100 == 2);
        BodyKind = to == Http1ResponseTo.Head || StartsTunnel || HasNoBody(status) ? Http1BodyKind.None
            : facts.IsChunked ? Http1BodyKind.Chunked
            : facts.ContentLength < 0 ? Http1BodyKind.UntilClose
            : facts.ContentLength > 0 ? Http1BodyKind.Length
            : Http1BodyKind.None;
        ContentLength = BodyKind == Http1BodyKind.Length ? facts.ContentLength : 0;
        KeepAlive = BodyKind != Http1BodyKind.UntilClose && !StartsTunnel && !facts.HasClose && (!IsVersion10 || facts.HasKeepAlive);
        Upgrade = facts.ClassifyUpgrade();
    }

    /// <summary>Status code, 100..999; meaningful by its first digit if unknown (RFC 9110 §15).</summary>
    public int StatusCode { get; }

    /// <summary>Reason phrase; may be empty. Not to be shown or logged unchecked.</summary>
    public ReadOnlySpan<byte> Reason { get; }

    /// <summary>True for HTTP/1.0.</summary>
    public bool IsVersion10 { get; }

    /// <summary>True for 1xx but 101: the final response to the same request follows.</summary>
    public bool IsInterim => StatusCode < 200 && StatusCode != 101;

    /// <summary>True for 101 and for 2xx to CONNECT: what follows is no HTTP/1. Whether the client asked for that is for the caller to check.</summary>
    public bool StartsTunnel { get; }

    /// <summary>How the body ends (RFC 9112 §6.3).</summary>
    public Http1BodyKind BodyKind { get; }

    /// <summary>Length of the body in bytes if its kind is Length; 0 otherwise, also for HEAD and 304.</summary>
    public long ContentLength { get; }

    /// <summary>True if the origin will take another request on this connection.</summary>
    public bool KeepAlive { get; }

    /// <summary>What the Upgrade field names: the protocol chosen in a 101, offers otherwise.</summary>
    public Http1Upgrade Upgrade { get; }

    /// <summary>The field lines in order.</summary>
    public Http1Fields Fields => new(_head, _fieldsOffset);

    /// <summary>Reads a response.</summary>
    /// <param name="head">The whole head, empty line included, as <see cref="Http1HeadScanner"/> found it.</param>
    /// <param name="to">What was asked.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="response">The view; default on failure.</param>
    /// <param name="error">
    /// Truncated, TrailingBytes or one of the 1xx codes; HttpBodyForbidden for 1xx, 204 and tunnels that announce a body.
    /// </param>
    public static bool TryParse(ReadOnlySpan<byte> head, Http1ResponseTo to, HttpLimits limits, out Http1Response response, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        response = default;
        if (head.Length > limits.MaxHeadBytes)
        {
            error = new(ProtocolErrorCode.HttpHeadTooLarge, limits.MaxHeadBytes);
            return false;
        }

        var status = 0;
        var code = Http1Syntax.MeasureLine(head, out var lineLength);
        if (code == ProtocolErrorCode.None)
        {
            code = ReadStatus(head[..lineLength], out status);
        }

        if (code != ProtocolErrorCode.None)
        {
            error = new(code, lineLength);
            return false;
        }

        var facts = new Http1FieldFacts();
        if (!facts.TryRead(head, lineLength + 2, limits, out error))
        {
            return false;
        }

        var isTunnel = to == Http1ResponseTo.Connect && status / 100 == 2;
        code = facts.IsChunked && head[7] == '0' ? ProtocolErrorCode.HttpTransferEncodingVersion
            : (isTunnel || status < 200 || status == 204) && (facts.IsChunked || facts.ContentLength > 0) ? ProtocolErrorCode.HttpBodyForbidden
            : ProtocolErrorCode.None;
        if (code != ProtocolErrorCode.None)
        {
            error = new(code, lineLength);
            return false;
        }

        response = new(head, lineLength, status, to, facts);
        return true;
    }

    private static bool HasNoBody(int status) => status is < 200 or 204 or 304;

    // The space before an empty reason is missing in responses of servers in use; nothing hangs on it.
    private static ProtocolErrorCode ReadStatus(ReadOnlySpan<byte> line, out int status)
    {
        status = 0;
        if (line.Length < StatusOffset + 3 || line[StatusOffset - 1] != ' ' || (line.Length > StatusOffset + 3 && line[StatusOffset + 3] != ' '))
        {
            return ProtocolErrorCode.HttpStatusLine;
        }

        var version = line[..(StatusOffset - 1)];
        if (!version.SequenceEqual("HTTP/1.1"u8) && !version.SequenceEqual("HTTP/1.0"u8))
        {
            return Http1Version.CodeOf(version, ProtocolErrorCode.HttpStatusLine);
        }

        var digits = line.Slice(StatusOffset, 3);
        if (digits.ContainsAnyExceptInRange((byte)'0', (byte)'9') || digits[0] == '0')
        {
            return ProtocolErrorCode.HttpStatusLine;
        }

        status = ((digits[0] - '0') * 100) + ((digits[1] - '0') * 10) + digits[2] - '0';
        return ProtocolErrorCode.None;
    }
}
