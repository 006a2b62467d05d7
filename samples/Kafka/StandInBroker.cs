using System.Net;
using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace PolicyProxy.Samples.KafkaSample;

/// <summary>A broker for people who have none: the one librdkafka brings for tests. It keeps everything in memory.</summary>
internal static partial class StandInBroker
{
    private const string Library = "rdkafka-mock";

    /// <summary>Runs until the process is ended.</summary>
    /// <param name="advertised">The address it tells clients, which has to be the proxy's.</param>
    public static int Run(IPEndPoint advertised)
    {
        NativeLibrary.SetDllImportResolver(typeof(StandInBroker).Assembly, Resolve);
        var config = new ProducerConfig();
        config.Set("test.mock.num.brokers", "1");
        using var owner = new ProducerBuilder<Null, string>(config).Build();
        var cluster = ClusterOf(NativeHandle(owner));
        foreach (var topic in new[] { "orders", "notifications", "payments" })
        {
            _ = CreateTopic(cluster, topic, 1, 1);
        }

        owner.Produce("notifications", new Message<Null, string> { Value = "order 1 was sent" });
        owner.Flush(TimeSpan.FromSeconds(30));
        _ = SetHostPort(cluster, 1, advertised.Address.ToString(), advertised.Port);
        Console.WriteLine($"broker at {Marshal.PtrToStringUTF8(Bootstraps(cluster))}, for clients {advertised}");
        using var ever = new ManualResetEventSlim();
        ever.Wait();
        return 0;
    }

    private static nint NativeHandle(IClient client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)!;
        return ((SafeHandle)property.GetValue(client.Handle)!).DangerousGetHandle();
    }

    [LibraryImport(Library, EntryPoint = "rd_kafka_handle_mock_cluster")]
    private static partial nint ClusterOf(nint client);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    private static partial nint Bootstraps(nint cluster);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Library, EntryPoint = "rd_kafka_mock_broker_set_host_port", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetHostPort(nint cluster, int broker, string host, int port);

    // The client has loaded one of several builds of the library; only that one knows its brokers.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Library)
        {
            return 0;
        }

        var loaded = File.ReadLines("/proc/self/maps")
            .Select(static line => line[(line.IndexOf('/', StringComparison.Ordinal) is var i and >= 0 ? i : line.Length)..])
            .First(static file => Path.GetFileName(file).Contains("rdkafka", StringComparison.Ordinal) && file.EndsWith(".so", StringComparison.Ordinal));
        return NativeLibrary.Load(loaded);
    }
}
