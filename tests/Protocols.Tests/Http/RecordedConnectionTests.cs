using System.Text.Json;
using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Http;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Protocols.Tests.Http;

/// <summary>What real programs say to each other is understood to its end; see the README in <c>testdata</c>.</summary>
public class RecordedConnectionTests
{
    public static TheoryData<string> Clients { get; } = new(
        "curl", "Wget", "wrk", "h2load", "Python urllib", "Python http.client", "Python requests", "Python aiohttp", "Node.js http", "Node.js fetch", ".NET HttpClient",
        "Java HttpClient", "Perl LWP", "git", "Chromium", "Firefox", "go", "nginx", "HAProxy", "Apache", "Varnish");

    public static TheoryData<string> Servers { get; } = new(
        "nginx", "HAProxy", "Apache", "lighttpd", "Varnish", "Node.js", "Python http.server", "Python aiohttp", "Kestrel");

    // curl --path-as-is leaves a climbing path with a double slash, which origins read in more ways than two
    private static readonly string[] s_refusedPaths = ["/a/../b/./c//d"];

    [Theory]
    [MemberData(nameof(Clients))]
    public void Recorded_requests_of_the_client_are_accepted(string client)
    {
        var scratch = new char[HttpLimits.Default.MaxScratchChars];
        foreach (var (head, _) in Heads("request", client))
        {
            Assert.True(Http1Request.TryParse(head, HttpLimits.Default, scratch, out var request, out var error), $"{error}: {Convert.ToHexString(head)}");
            NaiveRequest.Check(head, request, HttpLimits.Default);
            var path = request.Path.ToString();
            var hasPath = request.Form is Http1TargetForm.Origin or Http1TargetForm.Absolute;
            Assert.True(!hasPath || UrlPath.Classify(path) == UrlPathForm.Invalid == s_refusedPaths.Contains(path), path);
        }
    }

    [Theory]
    [MemberData(nameof(Servers))]
    public void Recorded_responses_of_the_server_are_accepted(string server)
    {
        foreach (var (head, row) in Heads("response", server))
        {
            var to = Enum.Parse<Http1ResponseTo>(RecordedMessages.Text(row, "to"));
            Assert.True(Http1Response.TryParse(head, to, HttpLimits.Default, out var response, out var error), $"{error}: {Convert.ToHexString(head)}");
            NaiveResponse.Check(head, to, response, HttpLimits.Default);
        }
    }

    [Fact]
    public void Recorded_connections_are_understood_to_their_end_however_they_are_cut()
    {
        Assert.InRange(RecordedConnection.All.Count, 100, int.MaxValue);
        foreach (var connection in RecordedConnection.All)
        {
            var length = connection.Bytes.Length;
            var whole = StreamReading.Run(connection.Bytes, connection.Side, HttpLimits.Default, Segmentation.Whole(length));
            Assert.True(EndsCleanly(whole, length), $"{connection.By}: {string.Join(Environment.NewLine, whole)}");
            foreach (var ends in Enumerable.Range(0, 30).Select(seed => Segmentation.Random(length, (uint)seed)).Append(Segmentation.Single(length)))
            {
                Assert.Equal(whole, StreamReading.Run(connection.Bytes, connection.Side, HttpLimits.Default, ends));
            }
        }
    }

    // Between two messages, in a body that the end of the connection ends, or where another protocol begins
    private static bool EndsCleanly(IReadOnlyList<StreamEvent> events, int length) => events[^1] switch
    {
        { Kind: StreamEventKind.InHead, Bytes: 0 } last => last.Offset == length,
        { Kind: StreamEventKind.InBody } last => last.Text.EndsWith("True", StringComparison.Ordinal),
        var last => last.Kind == StreamEventKind.Handed,
    };

    private static List<(byte[] Head, JsonElement Row)> Heads(string kind, string program)
    {
        var rows = RecordedMessages.Rows("http-heads.jsonl").Where(row => RecordedMessages.Text(row, "kind") == kind && IsBy(RecordedMessages.Text(row, "by"), program));
        List<(byte[] Head, JsonElement Row)> heads = [.. rows.Select(row => (Convert.FromHexString(RecordedMessages.Text(row, "hex")), row))];
        Assert.NotEmpty(heads);
        return heads;
    }

    private static bool IsBy(string name, string program) => name == program || name.StartsWith(program + " ", StringComparison.Ordinal);
}
