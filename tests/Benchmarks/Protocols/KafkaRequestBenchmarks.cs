using BenchmarkDotNet.Attributes;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of reading one request: header, whole body, and once more through its names.</summary>
[MemoryDiagnoser]
public class KafkaRequestBenchmarks
{
    private static readonly KafkaLimits s_everything = new() { Bodies = KafkaBodyScope.EveryKnownRequest };

    // recorded: kcat Produce v7 and Fetch v11 (one topic each), Metadata v4 with one topic
    private readonly byte[] _produce = Convert.FromHexString(
        "000000070000000200066B6361742D70FFFFFFFF000075300000000100066F726465727300000001000000020000004600000000000000000000003A000000000" +
        "26DC98760000000000000000001A20526E810000001A20526E810FFFFFFFFFFFFFFFFFFFFFFFFFFFF00000001100000000104686900");

    private readonly byte[] _fetch = Convert.FromHexString(
        "0001000B00000008000772646B61666B61FFFFFFFF000001F4000000010320000001000000000000000000000001" +
        "00066F72646572730000000100000000FFFFFFFF0000000000000000FFFFFFFFFFFFFFFF0010000000000000" + "0000");

    private readonly byte[] _metadata = Convert.FromHexString("000300040000000700066C6F616465720000000100066F726465727300");

    // recorded: kcat JoinGroup v5, one topic in each of two protocols
    private readonly byte[] _joinGroup = Convert.FromHexString(
        "000B00050000000400066B6361742D6700076B6331363734360000AFC8000493E00000FFFF0008636F6E73756D657200000002000572616E67650000001600010000000100066F72646572730000000000000000" +
        "000A726F756E64726F62696E0000001600010000000100066F72646572730000000000000000");

    private readonly byte[] _apiVersions = Convert.FromHexString("001200030000000100026373000763736861727004312E3000");
    private readonly KafkaStreamReader _reader = new(s_everything);

    [Benchmark(Baseline = true)]
    public int ApiVersions() => Read(_apiVersions);

    [Benchmark]
    public int Metadata() => Read(_metadata);

    [Benchmark]
    public int Produce() => Read(_produce);

    [Benchmark]
    public int Fetch() => Read(_fetch);

    [Benchmark]
    public int JoinGroup() => Read(_joinGroup);

    [Benchmark]
    public int Subscription()
    {
        var topics = KafkaRequest.TryParse(_joinGroup, s_everything, out var request, out _) && KafkaSubscription.TryRead(request, out var subscription) ? subscription.TopicCount : 0;
        return topics > 0 ? topics : throw new InvalidOperationException("no subscription");
    }

    [Benchmark]
    public int ProduceAsItArrives()
    {
        _reader.Begin(_produce.Length);
        var read = _reader.Read(_produce);
        return _reader.TryGetRequest(out var request) ? read + request.NameCount : throw new InvalidOperationException(_reader.Error.ToString());
    }

    private static int Read(byte[] frame)
    {
        if (!KafkaRequest.TryParse(frame, s_everything, out var request, out var error))
        {
            throw new InvalidOperationException(error.ToString());
        }

        var bytes = 0;
        foreach (var name in request.Names)
        {
            bytes += name.Bytes.Length;
        }

        return bytes;
    }
}
