using PolicyProxy.Sidecar.Supervising;

namespace PolicyProxy.Sidecar.Tests.Supervising;

public sealed class RestartPauseTests
{
    [Fact]
    public void RestartPause_first_restart_is_immediate_and_pauses_double_up_to_10_seconds()
    {
        var pause = new RestartPause();

        var pauses = Enumerable.Range(0, 12).Select(_ => pause.After(TimeSpan.FromSeconds(1)).TotalSeconds).ToArray();

        Assert.Equal([0, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10, 10, 10, 10], pauses);
    }

    [Fact]
    public void RestartPause_worker_that_lived_long_starts_over()
    {
        var pause = new RestartPause();
        _ = pause.After(TimeSpan.FromSeconds(1));
        _ = pause.After(TimeSpan.FromSeconds(1));

        Assert.Equal(TimeSpan.Zero, pause.After(TimeSpan.FromSeconds(10)));
        Assert.Equal(TimeSpan.FromSeconds(0.1), pause.After(TimeSpan.FromSeconds(1)));
    }
}
