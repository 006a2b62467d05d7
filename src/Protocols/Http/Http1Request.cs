using System.Text;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// One HTTP/1.x request, a view on its head. Everything is checked on parsing, so reading it cannot fail: request line, field grammar,
/// Host, framing (RFC 9110, RFC 9112), each in the strictest reading that clients in use meet. Whether the path is ambiguous is asked of
/// <see cref="UrlPath"/> by whoever judges. Nothing is allocated; head and scratch must outlive the view and stay unchanged.
/// </summary>
public readonly ref struct Http1Request : IHttpRequest
{
    private readonly ReadOnlySpan<byte> _head;
    private readonly int _fieldsOffset;
    private readonly bool _isVersion10;
    private readonly bool _isHttps;

    private Http1Request(ReadOnlySpan<byte> head, int fieldsOffset, scoped in Http1RequestLine line, scoped in Http1FieldFacts facts)
    {
        _head = head;
        _fieldsOffset = fieldsOffset;
        _isVersion10 = line.IsVersion10;
        _isHttps = line.IsHttps;
        Form = line.Form;
        BodyKind = facts.IsChunked ? Http1BodyKind.Chunked : facts.ContentLength > 0 ? Http1BodyKind.Length : Http1BodyKind.None;
        ContentLength = BodyKind == Http1BodyKind.Length ? facts.ContentLength : 0;
        KeepAlive = !facts.HasClose && (!line.IsVersion10 || facts.HasKeepAlive);
        ExpectContinue = facts.Expects && !line.IsVersion10 && BodyKind != Http1BodyKind.None;
        Upgrade = facts.ClassifyUpgrade();
        HasUpgradeOption = facts.HasUpgradeOption;
        HasOverride = facts.HasOverride;
    }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Method { get; private init; }

    /// <summary>Path and query as received; the part of the target behind the authority in absolute form, <c>/</c> if that is empty.
    /// The whole target in asterisk and authority form, which <see cref="UrlPath"/> calls Invalid.</summary>
    public ReadOnlySpan<char> Path { get; private init; }

    /// <inheritdoc/>
    public ReadOnlySpan<char> Authority { get; private init; }

    /// <summary><c>http</c>, or <c>https</c> if the target is in absolute form and says so.</summary>
    public ReadOnlySpan<char> Scheme => _isHttps ? "https" : "http";

    /// <inheritdoc/>
    public ReadOnlySpan<char> Protocol => _isVersion10 ? "HTTP/1.0" : "HTTP/1.1";

    /// <summary>Form of the request-target. Authority form has no path: a tunnel is asked for.</summary>
    public Http1TargetForm Form { get; }

    /// <summary>How the body ends: None, Length or Chunked.</summary>
    public Http1BodyKind BodyKind { get; }

    /// <summary>Length of the body in bytes if its kind is Length; 0 otherwise.</summary>
    public long ContentLength { get; }

    /// <summary>True if the client wants to send another request on this connection (RFC 9112 §9.3).</summary>
    public bool KeepAlive { get; }

    /// <summary>True if the client waits for 100 (Continue) before its body (RFC 9110 §10.1.1).</summary>
    public bool ExpectContinue { get; }

    /// <summary>What the Upgrade field asks for.</summary>
    public Http1Upgrade Upgrade { get; }

    /// <summary>True if the Connection field has the upgrade option; without it a request for another protocol is not valid.</summary>
    public bool HasUpgradeOption { get; }

    /// <inheritdoc/>
    public bool HasOverride { get; }

    /// <summary>The field lines in order.</summary>
    public Http1Fields Fields => new(_head, _fieldsOffset);

    /// <summary>Reads a request.</summary>
    /// <param name="head">The whole head, empty line included, as <see cref="Http1HeadScanner"/> found it.</param>
    /// <param name="limits">Bounds.</param>
    /// <param name="scratch">
    /// Takes method, path and authority as characters; <see cref="HttpLimits.MaxScratchChars"/> always suffice, fewer give TooLarge.
    /// </param>
    /// <param name="request">The view; default on failure.</param>
    /// <param name="error">Truncated, TrailingBytes, TooLarge or one of the 1xx codes; the status to answer is <see cref="HttpErrorStatus.Of"/>.</param>
    public static bool TryParse(ReadOnlySpan<byte> head, HttpLimits limits, Span<char> scratch, out Http1Request request, out ProtocolError error)
    {
        ArgumentNullException.ThrowIfNull(limits);
        request = default;
        if (head.Length > limits.MaxHeadBytes)
        {
            error = new(ProtocolErrorCode.HttpHeadTooLarge, limits.MaxHeadBytes);
            return false;
        }

        var code = Http1Syntax.MeasureLine(head, out var lineLength);
        if (code != ProtocolErrorCode.None)
        {
            error = new(code, lineLength);
            return false;
        }

        var line = default(Http1RequestLine);
        var facts = new Http1FieldFacts();
        if (!line.TryRead(head[..lineLength], limits, out error) || !facts.TryRead(head, lineLength + 2, limits, out error))
        {
            return false;
        }

        code = CheckHost(line, facts, limits);
        if (code == ProtocolErrorCode.None && facts.IsChunked && line.IsVersion10)
        {
            code = ProtocolErrorCode.HttpTransferEncodingVersion;
        }

        if (code == ProtocolErrorCode.None && facts.HasUnusualNames && Http1FieldLookalikes.AreIn(head, lineLength + 2))
        {
            code = ProtocolErrorCode.HttpFieldNameLookalike;
        }

        var authority = line.Authority.IsEmpty ? facts.Host : line.Authority;
        if (code == ProtocolErrorCode.None && line.Method.Length + line.Path.Length + authority.Length > scratch.Length)
        {
            code = ProtocolErrorCode.TooLarge;
        }

        if (code != ProtocolErrorCode.None)
        {
            error = new(code, facts.HostOffset);
            return false;
        }

        request = new(head, lineLength + 2, line, facts)
        {
            Method = Widen(line.Method, ref scratch),
            Path = Widen(line.Path, ref scratch),
            Authority = Widen(authority, ref scratch),
        };
        return true;
    }

    /// <inheritdoc/>
    public bool HasHeader(string name) =>
        name.StartsWith(':') ? name != ":authority" ? IsPseudoHeader(name) : !Authority.IsEmpty : Fields.Has(name);

    /// <inheritdoc/>
    public bool HeaderEquals(string name, string value) =>
        name.StartsWith(':') ? HasHeader(name) && PseudoHeader(name).SequenceEqual(value) : Fields.JoinedEquals(name, value);

    /// <inheritdoc/>
    public bool HeaderStartsWith(string name, string prefix) => name.StartsWith(':')
        ? HasHeader(name) && PseudoHeader(name).StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
        : Fields.JoinedStartsWith(name, prefix);

    /// <inheritdoc/>
    public int CopyHeader(string name, scoped Span<char> destination) => Fields.CopyJoined(name, destination);

    // RFC 9112 §3.2: one Host in 1.1, at most one in 1.0; beside an authority in the target it has to repeat it byte by byte,
    // so that it does not matter which of the two an origin uses.
    private static ProtocolErrorCode CheckHost(scoped in Http1RequestLine line, scoped in Http1FieldFacts facts, HttpLimits limits)
    {
        if (!facts.HasHost)
        {
            return line.IsVersion10 ? ProtocolErrorCode.None : ProtocolErrorCode.HttpHostMissing;
        }

        var code = Http1Authority.Check(facts.Host, limits.MaxAuthorityBytes, out _);
        if (code != ProtocolErrorCode.None || line.Authority.IsEmpty || line.Authority.SequenceEqual(facts.Host))
        {
            return code;
        }

        // clients of forward proxies are known to leave the port out of Host
        return line.Form == Http1TargetForm.Authority && line.Authority[..^(line.PortDigits + 1)].SequenceEqual(facts.Host)
            ? ProtocolErrorCode.None
            : ProtocolErrorCode.HttpHostMismatch;
    }

    private static ReadOnlySpan<char> Widen(ReadOnlySpan<byte> ascii, scoped ref Span<char> scratch)
    {
        Encoding.Latin1.GetChars(ascii, scratch);
        var text = scratch[..ascii.Length];
        scratch = scratch[ascii.Length..];
        return text;
    }

    private static bool IsPseudoHeader(string name) => name is ":method" or ":path" or ":scheme";

    private ReadOnlySpan<char> PseudoHeader(string name) => name switch
    {
        ":method" => Method,
        ":path" => Path,
        ":scheme" => Scheme,
        _ => Authority,
    };
}
