using System.Diagnostics;
using PolicyProxy.Soak.Traffic;

namespace PolicyProxy.Soak.Verdicts;

/// <summary>
/// Which policies can have been in force when. A policy may be from the moment its file is there; its predecessors may not be any more once
/// the new one has been seen at work. Thread-safe for readers; one writer.
/// </summary>
internal sealed class PolicyTimeline(PolicyVersion first)
{
    private const int Kept = 32;

    private volatile Period[] _periods = [new(first, long.MaxValue)];

    /// <summary>The newest policy.</summary>
    public PolicyVersion Newest => _periods[^1].Policy;

    /// <summary>Call before the file is replaced.</summary>
    public void Write(PolicyVersion policy) => _periods = [.. _periods.TakeLast(Kept), new Period(policy, long.MaxValue)];

    /// <summary>The newest policy has been seen at work.</summary>
    public void TakeOver()
    {
        var now = Stopwatch.GetTimestamp();
        _periods = [.. _periods[..^1].Select(period => period with { Until = Math.Min(period.Until, now) }), _periods[^1]];
    }

    /// <summary>True if a policy that can have been in force since the exchange was sent allows it.</summary>
    public bool MayAllow(Exchange exchange) => _periods.Any(period => period.Until >= exchange.SentAt && period.Policy.Allows(exchange));

    /// <summary>True if a policy that can have been in force since the exchange was sent denies it.</summary>
    public bool MayDeny(Exchange exchange) => _periods.Any(period => period.Until >= exchange.SentAt && !period.Policy.Allows(exchange));

    /// <summary>The versions that can have been in force since then, for messages.</summary>
    public string Since(long timestamp) => string.Join(", ", _periods.Where(period => period.Until >= timestamp).Select(static period => period.Policy.Number));

    private readonly record struct Period(PolicyVersion Policy, long Until);
}
