using System.Diagnostics.Metrics;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class RelayMetricsTests
{
    private const string Prefix = "policyproxy.relay.";

    [Fact]
    public async Task Metrics_page_lists_exactly_the_instruments_of_the_relay_and_they_count()
    {
        await using var upstream = await EchoUpstream.StartAsync();
        await using var sidecar = await OpenSidecar.StartAsync(upstream);
        using var client = await RawHttpConnection.ConnectAsync(sidecar.Addresses[0]);
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");
        await client.SendAsync("GET /x HTTP/1.1\r\nHost: x\r\n\r\n");

        var values = Read(sidecar.Services);

        Assert.Equal(PageRows().Order(), values.Keys.Order());
        Assert.Equal((1, 1), (values[Prefix + "connections.accepted"], values[Prefix + "connections.active"]));
        Assert.Equal((2, 1, 1), (values[Prefix + "requests"], values[Prefix + "upstream.connects"], values[Prefix + "upstream.reuses"]));
        Assert.Equal(0, values[Prefix + "faults"]);
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
