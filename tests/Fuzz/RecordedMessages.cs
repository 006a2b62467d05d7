using System.Text;
using System.Text.Json;

namespace PolicyProxy.Fuzz;

/// <summary>Messages that real programs sent, from <c>testdata</c>.</summary>
internal static class RecordedMessages
{
    /// <summary>HTTP/1 request heads.</summary>
    public static IReadOnlyList<byte[]> HttpRequests { get; } = [.. Read("http-heads.jsonl", "request")];

    /// <summary>HTTP/1 response heads.</summary>
    public static IReadOnlyList<byte[]> HttpResponses { get; } = [.. Read("http-heads.jsonl", "response")];

    /// <summary>Kafka requests with their length.</summary>
    public static IReadOnlyList<byte[]> KafkaRequests { get; } = [.. Read("kafka-frames.jsonl", "request")];

    /// <summary>Kafka responses: key and version of the request, two bytes each, then the response without its length.</summary>
    public static IReadOnlyList<byte[]> KafkaResponses { get; } = [.. Rows("kafka-frames.jsonl").Where(row => Text(row, "kind") == "response").Select(KafkaResponse)];

    /// <summary>DNS queries without the length they have over TCP.</summary>
    public static IReadOnlyList<byte[]> DnsQueries { get; } = [.. Read("dns-messages.jsonl", "query")];

    /// <summary>DNS responses, likewise.</summary>
    public static IReadOnlyList<byte[]> DnsResponses { get; } = [.. Read("dns-messages.jsonl", "response")];

    /// <summary>Text with one byte per character.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>The rows of a file in <c>testdata</c>.</summary>
    public static IEnumerable<JsonElement> Rows(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", file)).Select(line => JsonDocument.Parse(line).RootElement);

    /// <summary>A field of a row.</summary>
    public static string Text(JsonElement row, string name) => row.GetProperty(name).GetString()!;

    private static byte[] KafkaResponse(JsonElement row)
    {
        var (apiKey, apiVersion) = (row.GetProperty("apiKey").GetInt16(), row.GetProperty("apiVersion").GetInt16());
        return [(byte)(apiKey >> 8), (byte)apiKey, (byte)(apiVersion >> 8), (byte)apiVersion, .. Convert.FromHexString(Text(row, "hex"))[4..]];
    }

    private static IEnumerable<byte[]> Read(string file, string kind) =>
        Rows(file).Where(row => Text(row, "kind") == kind).Select(row => Convert.FromHexString(Text(row, "hex")));
}
