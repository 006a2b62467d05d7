using System.Text.Json;
using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests.Matrix;

/// <summary>
/// Clients are started by <c>policyproxy run</c> and told of no proxy: policy of the clients, for wherever they go. The brokers name their own addresses, so they
/// may be any: those of <c>KAFKA_BOOTSTRAP=HOST:PORT,…</c>, if it is set.
/// </summary>
internal sealed class ConfinedWay : Way
{
    private static readonly string s_program = Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly string _run = string.Empty;

    private ConfinedWay(string? bootstrap)
    {
        if (string.IsNullOrEmpty(bootstrap))
        {
            Brokers = MockBrokers.Start();
            bootstrap = Brokers.Addresses[0].ToString();
        }
        else
        {
            _run = $"-{DateTimeOffset.UtcNow.ToUnixTimeMilliseconds():x}"; // what an earlier run left there is not this one's
        }

        Bootstrap = bootstrap;
        File.WriteAllText(PolicyFile, Policy(DirectClient.Ports(bootstrap)));
    }

    public override string Bootstrap { get; }

    protected override MockBrokers? Brokers { get; }

    private string PolicyFile => Path.Combine(_folder.FullName, "policy.yaml");

    public static Task<Way> StartAsync() => Task.FromResult<Way>(new ConfinedWay(Environment.GetEnvironmentVariable("KAFKA_BOOTSTRAP")));

    public override string Name(string name) => name + _run;

    public override Task CreateAsync(string[] topics)
    {
        if (Brokers is null)
        {
            return DirectClient.CreateAsync(Bootstrap, topics);
        }

        Array.ForEach(topics, topic => Brokers.CreateTopic(topic, partitions: 3));
        return Task.CompletedTask;
    }

    public override T Directly<T>(Func<string, T> work) => work(Bootstrap);

    public override async Task<JudgedResult> RunAsync(string[] command)
    {
        Brokers?.ClearRequests();
        var result = await ClientProcess.RunAsync(["dotnet", s_program, "run", "-p", PolicyFile, "--summary", "json", "--", .. command]);
        var summary = result.Errors.Split('\n').LastOrDefault(static line => line.StartsWith("{\"allowed\":", StringComparison.Ordinal));
        Assert.True(summary is not null, $"{result}");
        using var counts = JsonDocument.Parse(summary);
        return new JudgedResult(result, counts.RootElement.GetProperty("denied").GetInt64(), Brokers?.ArrivedKeys());
    }

    public override ValueTask DisposeAsync()
    {
        Brokers?.Dispose();
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    // Names of brokers are looked up by whatever resolver the machine has.
    private string Policy(IEnumerable<int> ports) => $$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: kafka
        spec:
          endpointSelector: {}
          egress:
          - toEntities: [all]
            toPorts:
            - ports: [{{string.Join(", ", ports.Select(static port => $$"""{port: "{{port}}", protocol: TCP}"""))}}]
              rules:
                kafka: {{Rules}}
          - toEntities: [all]
            toPorts:
            - ports: [{port: "53", protocol: ANY}]
        """;
}
