using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

public sealed class DnsMetricsTests
{
    private const string Prefix = "policyproxy.dns.";
    private const int Refused = 5;

    private const string Policy = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata:
          name: one-name
        spec:
          endpointSelector: {}
          egress:
          - toCIDR: [192.0.2.53/32]
            toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchName: good.example.com}]}}]
        """;

    // Id 0x1234, recursion desired, one question: evil.example.com, A, IN.
    private static readonly byte[] s_query =
        [0x12, 0x34, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0, 4, .. "evil"u8, 7, .. "example"u8, 3, .. "com"u8, 0, 0, 1, 0, 1];

    [Fact]
    public async Task Metrics_page_lists_exactly_the_instruments_of_the_dns_proxy_and_they_count()
    {
        await using var sidecar = await SidecarServer.StartAsync(new SidecarOptions
        {
            DnsListen = [new IPEndPoint(IPAddress.Loopback, 0)],
            DnsUpstreams = [new IPEndPoint(IPAddress.Parse("192.0.2.53"), 53)],
            Configure = static policies => policies.FromText(Policy),
        });
        using var client = new UdpClient();
        using var limit = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        await client.SendAsync(s_query, sidecar.DnsAddresses[0], limit.Token);
        var reply = (await client.ReceiveAsync(limit.Token)).Buffer;

        var values = Read(sidecar.Services);

        Assert.Equal(Refused, reply[3] & 15);
        Assert.Equal(PageRows().Order(), values.Keys.Order());
        Assert.Equal((1, 1, 0), (values[Prefix + "queries"], values[Prefix + "denied"], values[Prefix + "forwarded"]));
    }

    // Other servers of this process have meters of the same name; the scope tells whose one is.
    private static Dictionary<string, long> Read(IServiceProvider services)
    {
        var own = services.GetService(typeof(IMeterFactory));
        var values = new Dictionary<string, long>(StringComparer.Ordinal);
        using var listener = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (ReferenceEquals(instrument.Meter.Scope, own) && instrument.Name.StartsWith(Prefix, StringComparison.Ordinal))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            },
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, _, _) => values[instrument.Name] = value);
        listener.Start();
        listener.RecordObservableInstruments();
        return values;
    }

    private static IEnumerable<string> PageRows() => Commands.RepositoryFiles.Read("docs/reference/metrics.md").Split('\n')
        .Where(static line => line.StartsWith("| `" + Prefix, StringComparison.Ordinal))
        .Select(static line => line.Split('`')[1]);
}
