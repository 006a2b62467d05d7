using System.Net;
using System.Runtime.InteropServices;
using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Brokers;

/// <summary>librdkafka's own brokers, on ports of this machine: real sockets, today's protocol, one process.</summary>
#pragma warning disable CA2216 // the cluster belongs to the client, which has a finalizer of its own
internal sealed partial class MockBrokers : IDisposable
#pragma warning restore CA2216
{
    private readonly IProducer<Null, byte[]> _owner;
    private readonly nint _cluster;
    private readonly Dictionary<int, IPEndPoint> _advertised = [];

    private MockBrokers(int count)
    {
        var config = new ProducerConfig();
        config.Set("test.mock.num.brokers", count.ToString(System.Globalization.CultureInfo.InvariantCulture));
        _owner = new ProducerBuilder<Null, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();
        _cluster = MockLibrary.ClusterOf(MockLibrary.NativeHandle(_owner));
        Addresses = [.. Marshal.PtrToStringUTF8(MockLibrary.Bootstraps(_cluster))!.Split(',').Select(IPEndPoint.Parse)];
        SetGroupDelay(GroupDelay);
        MockLibrary.StartTracking(_cluster);
    }

    /// <summary>How long a new group waits for further members here. Brokers are set to 3 s.</summary>
    public static TimeSpan GroupDelay { get; } = TimeSpan.FromMilliseconds(100);

    /// <summary>A wait that no test sees the end of. Half an hour is the most: the library counts it in microseconds, in 32 bits.</summary>
    public static TimeSpan Forever { get; } = TimeSpan.FromMinutes(30);

    /// <summary>Where the brokers really listen.</summary>
    public IReadOnlyList<IPEndPoint> Addresses { get; }

    public static MockBrokers Start(int count = 1) => new(count);

    /// <summary>Tells clients to find a broker elsewhere: behind a proxy.</summary>
    public void Advertise(int broker, IPEndPoint address)
    {
        _advertised[broker] = address;
        Tell(broker, address);
    }

    /// <summary>Does something with a client that goes around the proxies. Meanwhile others are told that way as well: not beside a client that goes on.</summary>
    public T Directly<T>(Func<string, T> work)
    {
        foreach (var broker in _advertised.Keys)
        {
            Tell(broker, Addresses[broker - 1]);
        }

        try
        {
            return work(string.Join(',', Addresses));
        }
        finally
        {
            foreach (var (broker, address) in _advertised)
            {
                Tell(broker, address);
            }
        }
    }

    public void CreateTopic(string name, int partitions = 1) => Check(MockLibrary.CreateTopic(_cluster, name, partitions, 1));

    /// <summary>Lets new groups wait longer or shorter.</summary>
    public void SetGroupDelay(TimeSpan delay) => MockLibrary.SetGroupDelay(_cluster, (int)delay.TotalMilliseconds);

    public void SetVersions(short key, short min, short max) => Check(MockLibrary.SetApiVersion(_cluster, key, min, max));

    public void SetDown(int broker) => Check(MockLibrary.SetDown(_cluster, broker));

    public void SetUp(int broker) => Check(MockLibrary.SetUp(_cluster, broker));

    /// <summary>Forgets the requests so far.</summary>
    public void ClearRequests() => MockLibrary.ClearRequests(_cluster);

    /// <summary>Keys of the requests that arrived, in order.</summary>
    public short[] ArrivedKeys()
    {
        var requests = MockLibrary.Requests(_cluster, out var count);
        var keys = new short[(int)count];
        for (var i = 0; i < keys.Length; i++)
        {
            keys[i] = MockLibrary.ApiKeyOf(Marshal.ReadIntPtr(requests, i * nint.Size));
        }

        MockLibrary.FreeRequests(requests, count);
        return keys;
    }

    public void Dispose() => _owner.Dispose();

    private void Tell(int broker, IPEndPoint address) => Check(MockLibrary.SetHostPort(_cluster, broker, address.Address.ToString(), address.Port));

    private static void Check(int error)
    {
        if (error != 0)
        {
            throw new InvalidOperationException($"the mock cluster says {(ErrorCode)error}");
        }
    }
}
