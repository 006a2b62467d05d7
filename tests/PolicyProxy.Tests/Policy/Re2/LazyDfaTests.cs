using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

public sealed class LazyDfaTests
{
    [Fact]
    public void Cache_that_serves_well_starts_over_when_full()
    {
        // Long inputs amortise their states, so the cache is refilled instead of given up.
        var set = Re2Set.Compile(Re2TestSets.Parse(Re2TestSets.Services(1000)), new Re2Limits { MaxCacheBytes = 32_000 });
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal([i], set.Match($"/svc{i}/users/1/orders/{new string('x', 2_000)}").ToArray());
        }

        Assert.True(set.CacheGeneration > 1);
    }

    [Fact]
    public void Cache_that_serves_badly_is_left_alone_and_answers_stay_right()
    {
        var set = Re2Set.Compile(Re2TestSets.Parse(Re2TestSets.Services(1000)), new Re2Limits { MaxCacheBytes = 32_000 });
        for (var i = 0; i < 1000; i++)
        {
            Assert.Equal([i], set.Match($"/svc{i}/users/1/orders").ToArray());
        }

        // 1000 short inputs would fill it some 30 times.
        Assert.InRange(set.CacheGeneration, 1, 5);
    }

    [Theory]
    [InlineData(16 << 20)]
    [InlineData(60_000)]
    public void Many_threads_get_the_same_answers(int cacheBytes)
    {
        string[] patterns = [.. Re2TestSets.Services(300), .. Enumerable.Range(0, 50).Select(i => $"/api/.*/item{i}/[a-z]+"), @"(?m:^/svc7\b.*$)", ".*"];
        var set = Re2Set.Compile(Re2TestSets.Parse(patterns), new Re2Limits { MaxCacheBytes = cacheBytes });
        var failures = 0;
        Parallel.For(0, 8, new ParallelOptions { MaxDegreeOfParallelism = 8 }, worker =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 3_000; i++)
            {
                var service = random.Next(300);
                var item = random.Next(50);
                int[] expected = service == 7 ? [7, 350, 351] : [service, 351];
                var isRight = set.Match($"/svc{service}/users/{i}/orders").SequenceEqual(expected)
                    && set.Match($"/api/é{i}/item{item}/abc").SequenceEqual([300 + item, 351])
                    && set.Match("/api/x/item50/\n").IsEmpty;
                Interlocked.Add(ref failures, isRight ? 0 : 1);
            }
        });
        Assert.Equal(0, failures);
    }
}
