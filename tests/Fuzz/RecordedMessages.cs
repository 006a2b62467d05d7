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

    /// <summary>Text with one byte per character.</summary>
    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    private static IEnumerable<byte[]> Read(string file, string kind) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", file))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("kind").GetString() == kind)
            .Select(line => Convert.FromHexString(line.GetProperty("hex").GetString()!));
}
