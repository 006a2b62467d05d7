using System.Buffers;
using BenchmarkDotNet.Attributes;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of refusing a Fetch of ten topics, wholly and in part, and of taking half of 1,000 topics out of a Metadata response.</summary>
[MemoryDiagnoser]
public class KafkaDenialBenchmarks
{
    private const int LengthBytes = 4;
    private const short FetchVersion = 11;
    private const short MetadataVersion = 1;

    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    private readonly byte[] _fetch = Bytes(
        "0001000B000000080002 6373 FFFFFFFF000001F4000000010320000001000000000000000000" + "00000A",
        10,
        index => $"0002{0x6130 + index:X4}0000000100000000FFFFFFFF0000000000000000FFFFFFFFFFFFFFFF00100000",
        "000000000000");

    private readonly byte[] _metadata = Bytes("00000007 00000000 00000001 000003E8", 1_000, index => $"0000 0003 61{0x3030 + index:X4} 00 00000000", "");
    private readonly short[] _all = [.. Enumerable.Repeat(KafkaError.TopicAuthorizationFailed, 10)];
    private readonly short[] _half = [29, 0, 29, 0, 29, 0, 29, 0, 29, 0];
    private readonly ArrayBufferWriter<byte> _output = new(1 << 16);
    private readonly ArrayBufferWriter<byte> _broker = new();
    private readonly ArrayBufferWriter<byte> _denied = new();

    [GlobalSetup]
    public void Setup()
    {
        var request = Request();
        if (!KafkaErrorResponse.TryWrite(request, _all, KafkaError.TopicAuthorizationFailed, _broker) || !KafkaPartialDenial.TryWriteErrors(request, _half, _denied))
        {
            throw new InvalidOperationException("no answer");
        }
    }

    [Benchmark(Baseline = true)]
    public int Refuse() => KafkaErrorResponse.TryWrite(Request(), _all, KafkaError.TopicAuthorizationFailed, Output()) ? _output.WrittenCount : 0;

    [Benchmark]
    public int Split() =>
        KafkaPartialDenial.TryWriteRest(Request(), _half, Output()) && KafkaPartialDenial.TryWriteErrors(Request(), _half, _output) ? _output.WrittenCount : 0;

    [Benchmark]
    public int Merge() =>
        KafkaResponse.WriteMerged(KafkaApi.Fetch, FetchVersion, _broker.WrittenSpan[LengthBytes..], _denied.WrittenSpan, Output()) ? _output.WrittenCount : 0;

    [Benchmark]
    public int FilterMetadata() =>
        KafkaResponse.WriteFiltered(KafkaApi.Metadata, MetadataVersion, _metadata, default(Odd), KafkaRefused.Omitted, Output()) ? _output.WrittenCount : 0;

    private KafkaRequest Request() =>
        KafkaRequest.TryParse(_fetch, s_everything, out var request, out var error) ? request : throw new InvalidOperationException(error.ToString());

    private ArrayBufferWriter<byte> Output()
    {
        _output.ResetWrittenCount();
        return _output;
    }

    private static byte[] Bytes(string head, int count, Func<int, string> element, string tail) =>
        Convert.FromHexString((head + string.Concat(Enumerable.Range(0, count).Select(element)) + tail).Replace(" ", "", StringComparison.Ordinal));

    private readonly struct Odd : IKafkaRefusal
    {
        public bool Refuses(in KafkaName name) => (name.Bytes[^1] & 1) != 0;
    }
}
