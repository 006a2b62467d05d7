using System.Collections.Concurrent;
using PolicyProxy.Flows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowPublisherTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly FlowRecord s_flow = SampleFlows.DeniedDelete();

    [Fact]
    public async Task FlowPublisher_without_observers_costs_no_byte()
    {
        await using var publisher = new FlowPublisher();
        Assert.Equal(0, Allocated(publisher));

        static long Allocated(FlowPublisher publisher)
        {
            publisher.Publish(s_flow);
            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 1000; i++)
            {
                Assert.False(publisher.HasObservers);
                publisher.Publish(s_flow);
            }

            return GC.GetAllocatedBytesForCurrentThread() - before;
        }
    }

    [Fact]
    public async Task FlowPublisher_observer_gets_every_flow_in_order_before_disposal_ends()
    {
        var seen = new List<ulong>();
        var publisher = new FlowPublisher();
        publisher.Add(new Observer(flow => seen.Add(flow.PolicyRevision)));
        Assert.True(publisher.HasObservers);
        for (var i = 0ul; i < 500; i++)
        {
            publisher.Publish(s_flow with { PolicyRevision = i });
        }

        await publisher.DisposeAsync();
        Assert.Equal(Enumerable.Range(0, 500).Select(i => (ulong)i), seen);
        Assert.False(publisher.HasObservers);
    }

    [Fact]
    public async Task FlowPublisher_inline_observer_has_the_flow_when_publishing_returns()
    {
        await using var publisher = new FlowPublisher();
        var log = new FlowLog(4);
        Assert.True(publisher.Add(log));
        publisher.Publish(s_flow);
        Assert.Equal(1, log.SeenFlows);
    }

    [Fact]
    public async Task FlowPublisher_blocked_observer_delays_nobody_and_its_losses_are_counted()
    {
        using var entered = new SemaphoreSlim(0);
        using var release = new ManualResetEventSlim();
        var delivered = 0;
        var log = new FlowLog(4096);
        var publisher = new FlowPublisher();
        publisher.Add(new Observer(_ =>
        {
            entered.Release();
            release.Wait();
            delivered++;
        }));
        publisher.Add(log);
        publisher.Publish(s_flow);
        Assert.True(await entered.WaitAsync(s_patience));

        // The observer is inside its call and stays there: every one of these must return all the same.
        for (var i = 0; i < FlowPublisher.QueueCapacity + 100; i++)
        {
            publisher.Publish(s_flow);
        }

        Assert.Equal(FlowPublisher.QueueCapacity + 101, log.SeenFlows);
        Assert.Equal(100, publisher.LostFlows);
        release.Set();
        await publisher.DisposeAsync();
        Assert.Equal(FlowPublisher.QueueCapacity + 1, delivered);
        Assert.Equal(100, publisher.LostFlows);
    }

    [Fact]
    public async Task FlowPublisher_throwing_observer_is_counted_and_harms_nobody()
    {
        var seen = 0;
        var publisher = new FlowPublisher();
        publisher.Add(new Observer(_ => throw new InvalidOperationException("queued")));
        publisher.Add(new InlineObserver(_ => throw new InvalidOperationException("inline")));
        publisher.Add(new Observer(_ => seen++));
        for (var i = 0; i < 10; i++)
        {
            publisher.Publish(s_flow);
        }

        await publisher.DisposeAsync();
        Assert.Equal((10, 20L), (seen, publisher.ObserverErrors));
    }

    [Fact]
    public async Task FlowPublisher_failing_observer_is_logged_at_powers_of_two_only()
    {
        var logger = new RecordingLogger<FlowPublisher>();
        await using var publisher = new FlowPublisher(logger);
        publisher.Add(new InlineObserver(_ => throw new InvalidOperationException("inline")));
        for (var i = 0; i < 100; i++)
        {
            publisher.Publish(s_flow);
        }

        Assert.Equal(7, logger.Entries.Count); // 1, 2, 4, ... 64
        Assert.All(logger.Entries, entry => Assert.Equal((2110, "ObserverFailed"), (entry.Id.Id, entry.Id.Name)));
    }

    [Fact]
    public async Task FlowPublisher_removed_observer_gets_what_was_queued_and_nothing_later()
    {
        using var done = new SemaphoreSlim(0);
        var seen = new ConcurrentQueue<ulong>();
        await using var publisher = new FlowPublisher();
        var observer = new Observer(flow =>
        {
            seen.Enqueue(flow.PolicyRevision);
            done.Release();
        });
        Assert.True(publisher.Add(observer));
        Assert.False(publisher.Add(observer));
        publisher.Publish(s_flow with { PolicyRevision = 1 });
        Assert.True(publisher.Remove(observer));
        Assert.False(publisher.Remove(observer));
        publisher.Publish(s_flow with { PolicyRevision = 2 });
        Assert.True(await done.WaitAsync(s_patience));
        Assert.False(publisher.HasObservers);
        Assert.Equal([1ul], seen);
    }

    private sealed class Observer(Action<FlowRecord> action) : IFlowObserver
    {
        public void OnFlow(FlowRecord flow) => action(flow);
    }

    private sealed class InlineObserver(Action<FlowRecord> action) : IInlineFlowObserver
    {
        public void OnFlow(FlowRecord flow) => action(flow);
    }
}
