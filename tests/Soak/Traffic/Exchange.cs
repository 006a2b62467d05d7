using System.Text;
using PolicyProxy.Soak.Wire;

namespace PolicyProxy.Soak.Traffic;

/// <summary>One request and its answer, as planned; the client sends it, the origin answers it, the referee judges it. The plan is immutable.</summary>
internal sealed class Exchange
{
    public const string IdField = "X-Soak-Id";

    private int _arrivals;

    public Exchange(long id, string method, string folder)
    {
        Id = id;
        Method = method;
        Target = folder + TaggedBody.Tag(id);
        Tagged = new TaggedBody(id);
    }

    public long Id { get; }

    public string Method { get; }

    /// <summary>The request-target; its last segment is the exchange's tag.</summary>
    public string Target { get; }

    /// <summary>Value of the field <c>X-Level</c>; null = not sent.</summary>
    public int? Level { get; init; }

    public RequestBody Body { get; init; }

    public int BodyBytes { get; init; }

    public bool ExpectContinue { get; init; }

    public ResponseShape Response { get; init; }

    public int ResponseBytes { get; init; }

    /// <summary>The origin waits this long before it answers.</summary>
    public TimeSpan Delay { get; init; }

    /// <summary>The client ends the connection before the request is complete, so no origin may ever see it whole.</summary>
    public bool IsCutOff { get; init; }

    /// <summary>No policy is asked: the request is malformed and must be refused.</summary>
    public bool IsMalformed { get; init; }

    /// <summary>The bytes of both bodies.</summary>
    public TaggedBody Tagged { get; }

    /// <summary>When its first byte was sent; see <see cref="System.Diagnostics.Stopwatch.GetTimestamp"/>.</summary>
    public long SentAt { get; set; }

    /// <summary>What came before it on the same connection, for messages.</summary>
    public string After { get; set; } = "nothing";

    /// <summary>How often an origin has seen its head.</summary>
    public int Arrivals => Volatile.Read(ref _arrivals);

    /// <summary>The status the origin gives.</summary>
    public int ExpectedStatus => Response switch
    {
        ResponseShape.NoContent => 204,
        ResponseShape.NotModified => 304,
        ResponseShape.Tunnel => 101,
        ResponseShape.EarlyThenKeep or ResponseShape.EarlyThenClose => 413,
        _ => 200,
    };

    /// <summary>True if the origin breaks the connection on purpose.</summary>
    public bool IsDropped => Response is ResponseShape.DropBeforeHead or ResponseShape.DropInBody;

    /// <summary>Counts an arrival; the number so far.</summary>
    public int Arrive() => Interlocked.Increment(ref _arrivals);

    /// <summary>The request head as sent.</summary>
    public string Head()
    {
        var head = new StringBuilder($"{Method} {Target} HTTP/1.1\r\nHost: soak.example\r\n");
        _ = Level is { } level ? head.Append($"X-Level: {level}\r\n") : head;
        _ = ExpectContinue ? head.Append("Expect: 100-continue\r\n") : head;
        _ = Body switch
        {
            RequestBody.Length => head.Append($"Content-Length: {BodyBytes}\r\n"),
            RequestBody.Chunked => head.Append("Transfer-Encoding: chunked\r\n"),
            _ => head,
        };
        return head.Append("\r\n").ToString();
    }

    /// <summary>The whole request, a chunked body in one chunk.</summary>
    public byte[] Bytes()
    {
        var body = new byte[BodyBytes];
        Tagged.Fill(body, 0);
        return Body switch
        {
            RequestBody.Length => [.. Latin1(Head()), .. body],
            RequestBody.Chunked when BodyBytes > 0 => [.. Latin1($"{Head()}{BodyBytes:x}\r\n"), .. body, .. Latin1("\r\n0\r\n\r\n")],
            RequestBody.Chunked => Latin1(Head() + "0\r\n\r\n"),
            _ => Latin1(Head()),
        };

        static byte[] Latin1(string text) => Encoding.Latin1.GetBytes(text);
    }

    public override string ToString() =>
        $"{Method} {Target} (body {Body} {BodyBytes}, level {Level}, expect {ExpectContinue}, answer {Response} {ResponseBytes}, cut off {IsCutOff}, malformed {IsMalformed}, arrivals {Arrivals}, after {After})";
}
