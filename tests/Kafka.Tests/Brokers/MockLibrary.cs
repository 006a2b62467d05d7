using System.Reflection;
using System.Runtime.InteropServices;
using Confluent.Kafka;

[assembly: DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]

namespace PolicyProxy.Kafka.Tests.Brokers;

/// <summary>The mock cluster of librdkafka, which the library exports beside its client.</summary>
internal static partial class MockLibrary
{
    private const string Name = "rdkafka-mock";

    static MockLibrary() => NativeLibrary.SetDllImportResolver(typeof(MockLibrary).Assembly, Resolve);

    /// <summary>The native client of a handle.</summary>
    public static nint NativeHandle(IClient client)
    {
        var property = typeof(Handle).GetProperty("LibrdkafkaHandle", BindingFlags.Instance | BindingFlags.NonPublic)!;
        return ((SafeHandle)property.GetValue(client.Handle)!).DangerousGetHandle();
    }

    [LibraryImport(Name, EntryPoint = "rd_kafka_handle_mock_cluster")]
    public static partial nint ClusterOf(nint client);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_cluster_bootstraps")]
    public static partial nint Bootstraps(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_host_port", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetHostPort(nint cluster, int broker, string host, int port);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_topic_create", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int CreateTopic(nint cluster, string topic, int partitions, int replicas);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_set_apiversion")]
    public static partial int SetApiVersion(nint cluster, short key, short min, short max);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_down")]
    public static partial int SetDown(nint cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_broker_set_up")]
    public static partial int SetUp(nint cluster, int broker);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_group_initial_rebalance_delay_ms")]
    public static partial void SetGroupDelay(nint cluster, int milliseconds);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_start_request_tracking")]
    public static partial void StartTracking(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_clear_requests")]
    public static partial void ClearRequests(nint cluster);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_get_requests")]
    public static partial nint Requests(nint cluster, out nuint count);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_request_api_key")]
    public static partial short ApiKeyOf(nint request);

    [LibraryImport(Name, EntryPoint = "rd_kafka_mock_request_destroy_array")]
    public static partial void FreeRequests(nint requests, nuint count);

    // The client has loaded one of several builds of it; only that one knows its clusters.
    private static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        if (name != Name)
        {
            return 0;
        }

        var loaded = File.ReadLines("/proc/self/maps")
            .Select(static line => line[(line.IndexOf('/', StringComparison.Ordinal) is var i and >= 0 ? i : line.Length)..])
            .First(static file => Path.GetFileName(file).Contains("rdkafka", StringComparison.Ordinal) && file.EndsWith(".so", StringComparison.Ordinal));
        return NativeLibrary.Load(loaded);
    }
}
