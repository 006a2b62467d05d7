using System.Diagnostics.Metrics;
using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Shows the counters of a relay on the meter <c>PolicyProxy</c>; listed in docs/reference/metrics.md. Reading costs the data path nothing:
/// the loops count anyway.
/// </summary>
internal sealed class RelayMetrics
{
    private readonly RelayServer _relay;

    public RelayMetrics(IMeterFactory meters, RelayServer relay)
    {
        _relay = relay;
        var meter = meters.Create(FlowMetrics.MeterName);
        Count(meter, "connections.accepted", "{connection}", "Client connections accepted and kept.", static c => c.Accepted);
        Count(meter, "connections.refused", "{connection}", "Connections reset because no policy admits them.", static c => c.Refused);
        Count(meter, "connections.strays", "{connection}", "Connections reset because they were not redirected.", static c => c.Strays);
        Count(meter, "connections.overload", "{connection}", "Connections reset because a limit is reached.", static c => c.Overloaded);
        Count(meter, "accept.errors", "{error}", "Connections that failed before they were accepted.", static c => c.AcceptErrors);
        Count(meter, "connections.handed_over", "{connection}", "Connections given to the HTTP/2 server.", static c => c.HandedOver);
        Count(meter, "connections.decrypted", "{connection}", "TLS connections decrypted because rules need what is inside.", static c => c.Decrypted);
        Count(meter, "requests", "{request}", "HTTP/1.x requests read.", static c => c.Requests);
        Count(meter, "requests.denied", "{request}", "Requests that policy denies.", static c => c.Denied);
        Count(meter, "requests.malformed", "{request}", "Requests refused by the parser.", static c => c.Malformed);
        Count(meter, "tunnels", "{connection}", "Upgraded and passed-through connections.", static c => c.Tunnels);
        Count(meter, "upstream.connects", "{connection}", "Connections to the upstream that were opened.", static c => c.UpstreamConnects);
        Count(meter, "upstream.reuses", "{request}", "Requests over an open connection to the upstream.", static c => c.UpstreamReuses);
        Count(meter, "upstream.connect_failures", "{error}", "Attempts to connect to the upstream that failed.", static c => c.UpstreamConnectFailures);
        Count(meter, "upstream.failures", "{error}", "Responses that were unusable, cut short or never came.", static c => c.UpstreamFailures);
        Count(meter, "timeouts", "{timeout}", "Requests and connections ended by a timeout.", static c => c.Timeouts);
        Count(meter, "faults", "{error}", "Connections closed because of a bug.", static c => c.Faults);
        meter.CreateObservableUpDownCounter(
            "policyproxy.relay.connections.active", () => _relay.Counters.Active, "{connection}", "Client connections open now.");
    }

    private void Count(Meter meter, string name, string unit, string description, Func<RelayCounters, long> read) =>
        meter.CreateObservableCounter($"policyproxy.relay.{name}", () => read(_relay.Counters), unit, description);
}
