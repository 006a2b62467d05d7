using System.Text;
using System.Text.Json;

namespace PolicyProxy.Protocols.Tests.Http;

/// <summary>Heads as bytes: written with one byte per character, or recorded.</summary>
internal static class Http1Heads
{
    /// <summary>Request heads that real programs sent.</summary>
    public static IReadOnlyList<byte[]> Requests { get; } = [.. Recorded("request").Select(Hex)];

    /// <summary>Response heads that real programs sent.</summary>
    public static IReadOnlyList<byte[]> Responses { get; } = [.. Recorded("response").Select(Hex)];

    public static byte[] Bytes(string text) => Encoding.Latin1.GetBytes(text);

    /// <summary>A head of these lines.</summary>
    public static byte[] Of(params string[] lines) => Bytes(string.Join("\r\n", lines) + "\r\n\r\n");

    private static IEnumerable<JsonElement> Recorded(string kind) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", "http-heads.jsonl"))
            .Select(line => JsonDocument.Parse(line).RootElement)
            .Where(line => line.GetProperty("kind").GetString() == kind);

    private static byte[] Hex(JsonElement line) => Convert.FromHexString(line.GetProperty("hex").GetString()!);
}
