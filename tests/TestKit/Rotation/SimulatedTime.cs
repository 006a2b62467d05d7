namespace PolicyProxy.TestKit.Rotation;

/// <summary>A clock that stands still until it is moved.</summary>
internal sealed class SimulatedTime : TimeProvider
{
    private DateTimeOffset _now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public void Pass(TimeSpan time) => _now += time;

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override DateTimeOffset GetUtcNow() => _now;

    public override long GetTimestamp() => _now.UtcTicks;
}
