using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowLogTests
{
    private static readonly FlowRecord s_sample = SampleFlows.DeniedDelete();

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    [InlineData(4095, 4096)]
    public void FlowLog_capacity_is_rounded_up_to_a_power_of_two(int asked, int given) => Assert.Equal(given, new FlowLog(asked).Capacity);

    [Theory]
    [InlineData(0)]
    [InlineData(FlowLog.MaxCapacity + 1)]
    public void FlowLog_impossible_capacity_is_refused(int capacity) => Assert.Throws<ArgumentOutOfRangeException>(() => new FlowLog(capacity));

    [Fact]
    public void FlowLog_flows_are_read_in_order_and_then_there_is_none()
    {
        var log = new FlowLog(4);
        Append(log, 0, 3);
        var read = new List<FlowRecord>();
        var cursor = log.Read(log.Start, 10, read, out var lost);
        Assert.Equal([0ul, 1, 2], read.Select(f => f.PolicyRevision));
        Assert.Equal((0L, 3L, 0L), (lost, log.SeenFlows, log.LostFlows));
        Assert.Equal(log.End, cursor);
        Assert.False(log.TryRead(ref cursor, out _, out _));
    }

    [Fact]
    public void FlowLog_overwritten_flows_are_counted_as_lost_to_the_reader()
    {
        var log = new FlowLog(4);
        Append(log, 0, 10);
        var read = new List<FlowRecord>();
        log.Read(default, 10, read, out var lost);
        Assert.Equal([6ul, 7, 8, 9], read.Select(f => f.PolicyRevision));
        Assert.Equal((6L, 6L), (lost, log.LostFlows));
    }

    [Fact]
    public void FlowLog_start_loses_nothing()
    {
        var log = new FlowLog(4);
        Append(log, 0, 10);
        var cursor = log.Start;
        Assert.True(log.TryRead(ref cursor, out var flow, out var lost));
        Assert.Equal((6ul, 0L), (flow.PolicyRevision, lost));
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(2, 8)]
    [InlineData(4, 6)]
    [InlineData(int.MaxValue, 6)]
    public void FlowLog_last_n_begins_where_n_flows_are_left(int count, long position)
    {
        var log = new FlowLog(4);
        Append(log, 0, 10);
        Assert.Equal(position, log.Last(count).Position);
    }

    [Fact]
    public async Task FlowLog_follower_gets_old_flows_then_new_ones_and_ends_by_cancellation()
    {
        var log = new FlowLog(8);
        Append(log, 0, 2);
        using var cancel = new CancellationTokenSource();
        var read = new List<ulong>();
        var follower = Task.Run(async () =>
        {
            await foreach (var reading in log.FollowAsync(log.Start, cancel.Token))
            {
                read.Add(reading.Flow.PolicyRevision);
                Assert.Equal(0, reading.LostBefore);
                if (read.Count < 5)
                {
                    Append(log, (ulong)read.Count + 1, 1); // the next one comes while the follower is already following
                }
                else
                {
                    await cancel.CancelAsync();
                }
            }
        });
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => follower);
        Assert.Equal([0ul, 1, 2, 3, 4], read);
    }

    [Fact]
    public async Task FlowLog_waiting_follower_is_woken_by_an_append()
    {
        var log = new FlowLog(8);
        var waiting = log.WaitAsync(log.End, CancellationToken.None);
        Assert.False(waiting.IsCompleted);
        Append(log, 1, 1);
        await waiting.WaitAsync(TimeSpan.FromSeconds(30));
    }

    [Fact]
    public async Task FlowLog_slow_follower_is_told_what_it_lost()
    {
        var log = new FlowLog(4);
        Append(log, 0, 1);
        var readings = log.FollowAsync(log.Start).GetAsyncEnumerator();
        Assert.True(await readings.MoveNextAsync());
        Append(log, 1, 10);
        Assert.True(await readings.MoveNextAsync());
        Assert.Equal((7ul, 6L), (readings.Current.Flow.PolicyRevision, readings.Current.LostBefore));
        Assert.True(await readings.MoveNextAsync());
        Assert.Equal((8ul, 0L), (readings.Current.Flow.PolicyRevision, readings.Current.LostBefore));
        await readings.DisposeAsync();
    }

    // Every reader accounts for every flow: what it did not read it was told it lost; nothing comes twice or out of a writer's order.
    [Theory]
    [InlineData(4)]
    [InlineData(256)]
    public async Task FlowLog_many_writers_and_followers_leave_no_flow_unaccounted(int capacity)
    {
        const int Writers = 4;
        const int PerWriter = 20_000;
        var log = new FlowLog(capacity);
        var readers = Enumerable.Range(0, 3).Select(_ => Task.Run(() => AccountAsync(log, Writers * PerWriter, Writers))).ToArray();
        await Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < PerWriter; i++)
            {
                log.Append(s_sample with { PolicyRevision = (ulong)((i * Writers) + writer) });
            }
        })));
        var counts = await Task.WhenAll(readers).WaitAsync(TimeSpan.FromMinutes(2));
        Assert.Equal(Writers * PerWriter, log.SeenFlows);
        Assert.All(counts, count => Assert.Equal(log.SeenFlows, count.Read + count.Lost));
        Assert.Equal(counts.Sum(count => count.Lost), log.LostFlows);
    }

    [Fact]
    public void FlowLog_late_writer_does_not_put_an_old_flow_over_a_newer_one()
    {
        FlowLog.Entry? slot = null;
        var newer = new FlowLog.Entry(s_sample) { Sequence = 8 };
        FlowLog.Store(ref slot, newer);
        FlowLog.Store(ref slot, new FlowLog.Entry(s_sample) { Sequence = 4 });
        Assert.Same(newer, slot);
        var newest = new FlowLog.Entry(s_sample) { Sequence = 12 };
        FlowLog.Store(ref slot, newest);
        Assert.Same(newest, slot);
    }

    [Fact]
    public void FlowLog_append_allocates_one_small_object()
    {
        var log = new FlowLog(64);
        Append(log, 0, 200);
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            log.Append(s_sample);
        }

        Assert.Equal(32 * 1000, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static async Task<(long Read, long Lost)> AccountAsync(FlowLog log, long expected, int writers)
    {
        long read = 0, lost = 0;
        var cursor = default(FlowCursor);
        var last = new long[writers];
        Array.Fill(last, -1);
        while (cursor.Position < expected)
        {
            var found = log.TryRead(ref cursor, out var flow, out var missed);
            lost += missed;
            if (found)
            {
                read++;
                var number = (long)flow!.PolicyRevision;
                Assert.True(last[number % writers] < number);
                last[number % writers] = number;
            }
            else
            {
                await log.WaitAsync(cursor, CancellationToken.None);
            }
        }

        return (read, lost);
    }

    private static void Append(FlowLog log, ulong first, int count)
    {
        for (var i = 0; i < count; i++)
        {
            log.Append(s_sample with { PolicyRevision = first + (ulong)i, Reason = VerdictReason.NoRuleMatched });
        }
    }
}
