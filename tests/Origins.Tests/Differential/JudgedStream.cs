using System.Buffers;
using System.Globalization;
using System.Text;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>
/// The bytes of one client connection as the relay reads them: head, body, next head, until something is refused, the bytes end or the
/// connection is not to be used again.
/// </summary>
internal sealed class JudgedStream
{
    private readonly List<JudgedRequest> _requests = [];

    private JudgedStream()
    {
    }

    /// <summary>The requests that are complete.</summary>
    public IReadOnlyList<JudgedRequest> Requests => _requests;

    /// <summary>Bytes of the complete requests.</summary>
    public int Length { get; private set; }

    /// <summary>Why reading stopped; None at the end of the bytes or behind a request that ends the connection.</summary>
    public ProtocolErrorCode Error { get; private set; }

    /// <summary>True if reading stopped in the middle of a request.</summary>
    public bool IsCut { get; private set; }

    /// <summary>True if the connection to the origin can carry another request.</summary>
    public bool KeepAlive { get; private set; } = true;

    /// <summary>True if nothing was refused and at least one request is complete.</summary>
    public bool IsAccepted => Error == ProtocolErrorCode.None && !IsCut && _requests.Count > 0;

    public static JudgedStream Read(ReadOnlySpan<byte> bytes)
    {
        var stream = new JudgedStream();
        var scratch = new char[HttpLimits.Default.MaxScratchChars];
        while (stream.KeepAlive && stream.Length < bytes.Length && stream.ReadOne(bytes[stream.Length..], scratch))
        {
        }

        return stream;
    }

    private bool ReadOne(ReadOnlySpan<byte> rest, char[] scratch)
    {
        // 1. The head
        var scanner = new Http1HeadScanner(HttpLimits.Default);
        var status = scanner.Scan(rest, out int headBytes);
        if (status != OperationStatus.Done)
        {
            return Stop(status, scanner.Error.Code);
        }

        var head = rest[..headBytes];
        if (!Http1Request.TryParse(head, HttpLimits.Default, scratch, out var request, out var error))
        {
            return Stop(OperationStatus.InvalidData, error.Code);
        }

        // Tunnels are not forwarded, and wishes for another protocol than WebSocket not as they came.
        if (request.Form == Http1TargetForm.Authority || (request.Upgrade != Http1Upgrade.None && !IsWebSocket(request)))
        {
            return Stop(OperationStatus.InvalidData, ProtocolErrorCode.HttpUpgrade);
        }

        // 2. The body
        var body = Http1BodyScanner.ForRequest(request, HttpLimits.Default);
        status = body.Scan(rest[headBytes..], out var bodyBytes);
        if (status != OperationStatus.Done)
        {
            return Stop(status, body.Error.Code);
        }

        // 3. Done: the next request starts here
        var content = rest.Slice(headBytes, bodyBytes);
        _requests.Add(new JudgedRequest
        {
            Method = request.Method.ToString(),
            Path = request.Path.ToString(),
            Authority = request.Authority.ToString(),
            HasHost = request.HasHeader("host"),
            BodyBytes = body.ContentBytes,
            BodyDigest = OriginRequest.Digest(request.BodyKind == Http1BodyKind.Chunked ? TakeChunks(content) : content),
            Teams = Teams(request),
        });
        Length += headBytes + bodyBytes;

        // Behind a request for an upgrade, Node.js throws away what came in the same segment, whether it switches or not.
        KeepAlive = request.KeepAlive && request.Upgrade == Http1Upgrade.None;
        return true;
    }

    private static bool IsWebSocket(in Http1Request request) =>
        request is { Upgrade: Http1Upgrade.WebSocket, HasUpgradeOption: true, BodyKind: Http1BodyKind.None } && request.Method is "GET";

    private bool Stop(OperationStatus status, ProtocolErrorCode code)
    {
        IsCut = status == OperationStatus.NeedMoreData;
        Error = code;
        return false;
    }

    private static List<JudgedField> Teams(in Http1Request request)
    {
        var teams = new List<JudgedField>();
        foreach (var field in request.Fields)
        {
            var name = Encoding.Latin1.GetString(field.Name).ToLowerInvariant();
            if (name.Replace('_', '-').Replace('.', '-') == "x-team")
            {
                teams.Add(new JudgedField(name, Encoding.Latin1.GetString(field.Value)));
            }
        }

        return teams;
    }

    // A second, naive reading: whatever stands behind ';' is skipped, what stands behind the last chunk is left.
    private static byte[] TakeChunks(ReadOnlySpan<byte> framed)
    {
        using var content = new MemoryStream();
        while (true)
        {
            var line = framed[..framed.IndexOf("\r\n"u8)];
            var size = int.Parse(Encoding.Latin1.GetString(line).Split(';')[0], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture);
            if (size == 0)
            {
                return content.ToArray();
            }

            content.Write(framed.Slice(line.Length + 2, size));
            framed = framed[(line.Length + 2 + size + 2)..];
        }
    }
}
