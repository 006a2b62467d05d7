using System.Text.Json;

namespace PolicyProxy.Protocols.Tests.Kafka;

/// <summary>Recorded Kafka requests.</summary>
internal static class KafkaFrames
{
    /// <summary>Every recorded request, with its 4-byte length.</summary>
    public static IReadOnlyList<byte[]> Requests { get; } =
        [.. Lines("kafka-frames.jsonl").Where(line => line.GetProperty("kind").GetString() == "request").Select(Hex)];

    /// <summary>The one recorded request that a script cut short: Metadata v1 with two bytes of body. No broker answered it.</summary>
    public const string CutShort = "0000000D00030001000000030001780000";

    /// <summary>Recorded requests whose layout is known.</summary>
    public static IReadOnlyList<byte[]> KnownRequests { get; } =
        [.. Requests.Where(frame => Convert.ToHexString(frame) != CutShort && Protocols.Kafka.KafkaLayoutTable.Find(Int16(frame, 4), Int16(frame, 6)) is not null)];

    public static IEnumerable<JsonElement> Lines(string file) =>
        File.ReadLines(Path.Combine(AppContext.BaseDirectory, "testdata", file)).Select(line => JsonDocument.Parse(line).RootElement);

    public static byte[] Hex(JsonElement line) => Convert.FromHexString(line.GetProperty("hex").GetString()!);

    public static short Int16(byte[] bytes, int offset) => (short)((bytes[offset] << 8) | bytes[offset + 1]);
}
