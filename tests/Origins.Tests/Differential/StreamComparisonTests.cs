using System.Text;
using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>The differential test can fail: each way of reading a stream differently is seen.</summary>
public sealed class StreamComparisonTests
{
    private static readonly JudgedRequest s_first = Judged("/first");
    private static readonly JudgedRequest s_next = Judged("/next");

    [Fact]
    public void Same_requests_in_the_same_order_agree() =>
        Assert.Equal(StreamAgreement.Same, Compare(Closed(Answer("/first"), Answer("/next"))).Agreement);

    [Fact]
    public void Refusal_behind_what_agrees_is_stricter()
    {
        Assert.Equal(StreamAgreement.Stricter, Compare(Closed(Answer("/first"), new OriginAnswer(400, null))).Agreement);
        Assert.Equal(StreamAgreement.Stricter, Compare(Closed(new OriginAnswer(400, null))).Agreement);
        Assert.Equal(StreamAgreement.Stricter, Compare(Closed(new OriginAnswer(405, null), Answer("/next"))).Agreement);
        Assert.Equal(StreamAgreement.Stricter, Compare(Closed(Answer("/first") with { Closes = true })).Agreement);
    }

    [Theory]
    [InlineData("one more")]
    [InlineData("a request is missing")]
    [InlineData("still waiting")]
    [InlineData("target")]
    [InlineData("method")]
    [InlineData("host")]
    [InlineData("body length")]
    [InlineData("body")]
    [InlineData("fields")]
    public void Other_reading_is_different(string reason)
    {
        var exchange = reason switch
        {
            "one more" => Closed(Answer("/first"), Answer("/next"), Answer("/smuggled")),
            "a request is missing" => Closed(Answer("/first")),
            "still waiting" => new OriginExchange([Answer("/first")], IsClosed: false),
            "target" => Closed(Answer("/first"), Answer("/smuggled")),
            _ => Closed(Answer("/first"), new OriginAnswer(200, Other(reason))),
        };

        var comparison = Compare(exchange);

        Assert.Equal(StreamAgreement.Different, comparison.Agreement);
        Assert.StartsWith(reason + ";", comparison.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Trailer_that_a_real_server_takes_for_a_field_of_the_next_request_is_seen()
    {
        const string Stream =
            "POST /first HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n0\r\nX-Team: red\r\n\r\n"
            + "GET /next HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n";
        await using var origin = await Origin.StartAsync(OriginKind.Aiohttp);

        var exchange = await OriginClient.ExchangeAsync(origin.Address, Encoding.Latin1.GetBytes(Stream));
        var comparison = StreamComparison.Of(origin.Kind, [s_first with { Method = "POST" }, s_next], exchange);

        Assert.Equal(StreamAgreement.Different, comparison.Agreement);
        Assert.Empty(JudgedStream.Read(Encoding.Latin1.GetBytes(Stream)).Requests);
    }

    private static StreamComparison Compare(OriginExchange exchange) => StreamComparison.Of(OriginKind.Kestrel, [s_first, s_next], exchange);

    private static OriginExchange Closed(params OriginAnswer[] answers) => new(answers, IsClosed: true);

    private static JudgedRequest Judged(string path) => new()
    {
        Method = "GET",
        Path = path,
        Authority = "h",
        HasHost = true,
        BodyBytes = 0,
        BodyDigest = OriginRequest.Digest([]),
        Teams = [],
    };

    private static OriginAnswer Answer(string target) => new(200, Seen(target));

    private static OriginRequest Seen(string target) => new()
    {
        ClientPort = 1,
        Method = "GET",
        Target = target,
        Path = target,
        Host = "h",
        BodyBytes = 0,
        BodyDigest = OriginRequest.Digest([]),
    };

    private static OriginRequest Other(string difference)
    {
        var seen = Seen("/next");
        return difference switch
        {
            "method" => seen with { Method = "POST" },
            "host" => seen with { Host = "other" },
            "body length" => seen with { BodyBytes = 1 },
            "body" => seen with { BodyDigest = "00" },
            _ => seen with { Fields = "x-team: red\r\n" },
        };
    }
}
