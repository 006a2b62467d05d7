using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using static PolicyProxy.Tests.Flows.SampleFlows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowMetricsTests : IAsyncDisposable
{
    private readonly ServiceProvider _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
    private readonly FlowPublisher _publisher = new();
    private readonly FlowLog _log = new(2);
    private readonly MeterListener _listener = new();
    private readonly List<Instrument> _instruments = [];
    private readonly List<string> _measured = [];
    private readonly FlowMetrics _metrics;

    public FlowMetricsTests()
    {
        var factory = _services.GetRequiredService<IMeterFactory>();
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (ReferenceEquals(instrument.Meter.Scope, factory))
            {
                _instruments.Add(instrument);
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
            _measured.Add($"{instrument.Name}{{{string.Join(',', tags.ToArray().Select(tag => $"{tag.Key}={tag.Value}"))}}} {value}"));
        _listener.Start();
        _metrics = new FlowMetrics(factory, _publisher, _log);
    }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _publisher.DisposeAsync();
        await _services.DisposeAsync();
    }

    [Fact]
    public void FlowMetrics_request_and_connection_are_counted_with_their_labels()
    {
        _metrics.OnFlow(DeniedDelete());
        _metrics.OnFlow(Connection(Frontend(), Api(1), FlowVerdict.Redirected, VerdictReason.Redirected) with { Direction = TrafficDirection.Egress });
        Assert.Equal(
            ["policyproxy.requests{verdict=dropped,protocol=http,direction=ingress} 1", "policyproxy.connections{verdict=redirected,protocol=tcp,direction=egress} 1"],
            _measured);
    }

    [Fact]
    public void FlowMetrics_response_is_not_another_request()
    {
        _metrics.OnFlow(Request(Api(1), Frontend(), FlowVerdict.Forwarded, new HttpRecord(true, TimeSpan.Zero, 200, "GET", "http://a/", "HTTP/1.1")));
        Assert.Empty(_measured);
    }

    [Fact]
    public async Task FlowMetrics_losses_and_observer_errors_are_observed()
    {
        for (var i = 0; i < 5; i++)
        {
            _log.Append(DeniedDelete());
        }

        _log.Read(default, 9, [], out _);
        var failing = new FailingObserver();
        _publisher.Add(failing);
        _publisher.Publish(DeniedDelete());
        await _publisher.DisposeAsync();
        _listener.RecordObservableInstruments();
        Assert.Equal(["policyproxy.flows.lost{} 3", "policyproxy.observer.errors{} 1"], _measured.Order());
    }

    [Fact]
    public void FlowMetrics_labels_have_bounded_values_whatever_the_flow()
    {
        var generator = new FlowGenerator(seed: 7);
        for (var i = 0; i < 2000; i++)
        {
            _metrics.OnFlow(generator.Next());
        }

        Assert.InRange(_measured.Distinct().Count(), 20, 6 * 5 * 3 * 2);
    }

    [Fact]
    public void FlowMetrics_counting_allocates_nothing()
    {
        using var quiet = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var metrics = new FlowMetrics(quiet.GetRequiredService<IMeterFactory>(), _publisher);
        using var listener = new MeterListener { InstrumentPublished = (instrument, l) => l.EnableMeasurementEvents(instrument) };
        var total = 0L;
        listener.SetMeasurementEventCallback<long>((_, value, _, _) => total += value);
        listener.Start();
        var flow = DeniedDelete();
        metrics.OnFlow(flow);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            metrics.OnFlow(flow);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.True(total >= 1001);
    }

    [Fact]
    public void FlowMetrics_page_lists_exactly_the_instruments()
    {
        var page = ReferencePage.Rows("metrics.md").Where(row => IsOfFlows(row[0])).Select(row => (row[0], row[1], row[2]));
        var code = _instruments.Select(i => (i.Name, i is Counter<long> or ObservableCounter<long> ? "counter" : i.GetType().Name, i.Unit!));
        Assert.Equal(code.Order(), page.Order());
        Assert.All(_instruments, i => Assert.Equal(FlowMetrics.MeterName, i.Meter.Name));
    }

    // The relay's and the DNS proxy's are the sidecar's to compare.
    private static bool IsOfFlows(string name) =>
        name.StartsWith("policyproxy.", StringComparison.Ordinal)
        && !name.StartsWith("policyproxy.relay.", StringComparison.Ordinal)
        && !name.StartsWith("policyproxy.dns.", StringComparison.Ordinal);

    private sealed class FailingObserver : IFlowObserver
    {
        public void OnFlow(FlowRecord flow) => throw new InvalidOperationException("by design");
    }
}
