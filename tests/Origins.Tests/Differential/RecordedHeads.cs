using System.Text.Json;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>Request heads that real clients sent.</summary>
internal static class RecordedHeads
{
    public static IReadOnlyList<byte[]> All { get; } =
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", "http-heads.jsonl"))
            .Select(static line => JsonDocument.Parse(line).RootElement)
            .Where(static line => line.GetProperty("kind").GetString() == "request")
            .Select(static line => Convert.FromHexString(line.GetProperty("hex").GetString()!))];
}
