using PolicyProxy.Soak.Watch;

namespace PolicyProxy.FunctionalTests.Soak;

/// <summary>The soak program tells a leak from a flat line.</summary>
public sealed class TrendTests
{
    [Theory]
    [InlineData(0, 0, true)]
    [InlineData(100, 0, true)]
    [InlineData(1000, 0, false)]
    [InlineData(0, 1, true)]
    [InlineData(0, 4, false)]
    public void Growth_beyond_the_slack_is_not_flat(int kbPerMinute, int descriptorsPerMinute, bool isFlat)
    {
        var trend = Run(TimeSpan.FromMinutes(30), kbPerMinute, descriptorsPerMinute);
        Assert.True(trend.CanTell);
        Assert.Equal(isFlat, trend.IsFlat);
    }

    [Fact]
    public void Short_run_cannot_tell() => Assert.False(Run(TimeSpan.FromMinutes(10), 0, 0).CanTell);

    private static Trend Run(TimeSpan length, long kbPerMinute, int descriptorsPerMinute) => new([.. Enumerable.Range(1, (int)(length / TimeSpan.FromSeconds(10)))
        .Select(i => new Sample(TimeSpan.FromSeconds(10 * i), i, 100 * 1024 + (kbPerMinute * i / 6), 200 + (descriptorsPerMinute * i / 6), 10))]);
}
