using BenchmarkDotNet.Attributes;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of reading one request: header, whole body, and once more through its topics.</summary>
[MemoryDiagnoser]
public class KafkaRequestBenchmarks
{
    // recorded: kcat Produce v7 (one topic, one record), Fetch v11 shape, Metadata v4 with one topic
    private readonly byte[] _produce = Convert.FromHexString(
        "000000070000000200066B6361742D70FFFFFFFF000075300000000100066F726465727300000001000000020000004600000000000000000000003A000000000" +
        "26DC98760000000000000000001A20526E810000001A20526E810FFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001100000000104686900");

    private readonly byte[] _metadata = Convert.FromHexString("000300040000000700066C6F616465720000000100066F726465727300");
    private readonly byte[] _apiVersions = Convert.FromHexString("001200030000000100026373000963736861727005312E3000");

    [Benchmark(Baseline = true)]
    public int ApiVersions() => Read(_apiVersions);

    [Benchmark]
    public int Metadata() => Read(_metadata);

    [Benchmark]
    public int Produce() => Read(_produce);

    private static int Read(byte[] frame)
    {
        if (!KafkaRequest.TryParse(frame, KafkaLimits.Default, out var request, out var error))
        {
            throw new InvalidOperationException(error.ToString());
        }

        var bytes = 0;
        foreach (var topic in request.Topics)
        {
            bytes += topic.Name.Length;
        }

        return bytes;
    }
}
