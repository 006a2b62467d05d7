using System.Diagnostics.Metrics;
using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Shows the counters of a DNS proxy on the meter <c>PolicyProxy</c>; listed in docs/reference/metrics.md. Reading costs the data path nothing:
/// its loop counts anyway.
/// </summary>
internal sealed class DnsMetrics
{
    private readonly DnsProxy _dns;

    public DnsMetrics(IMeterFactory meters, DnsProxy dns)
    {
        _dns = dns;
        var meter = meters.Create(FlowMetrics.MeterName);
        Count(meter, "queries", "{query}", "Queries received.", static c => c.Queries);
        Count(meter, "denied", "{query}", "Queries that policy denies.", static c => c.Denied);
        Count(meter, "malformed", "{query}", "Queries that are no valid ones.", static c => c.Malformed);
        Count(meter, "forwarded", "{query}", "Queries a resolver was asked.", static c => c.Forwarded);
        Count(meter, "answered", "{query}", "Answers passed on.", static c => c.Answered);
        Count(meter, "timeouts", "{query}", "Queries whose resolver did not answer in time.", static c => c.Timeouts);
        Count(meter, "failed", "{query}", "Queries that could not be sent on.", static c => c.Failed);
        Count(meter, "unexpected", "{answer}", "Answers to nothing that was asked; nothing is learned of them.", static c => c.Unexpected);
        Count(meter, "strays", "{query}", "Queries of senders that are not the workload.", static c => c.Strays);
    }

    private void Count(Meter meter, string name, string unit, string description, Func<DnsCounters, long> read) =>
        meter.CreateObservableCounter($"policyproxy.dns.{name}", () => read(_dns.Counters), unit, description);
}
