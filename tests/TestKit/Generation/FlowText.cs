using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Flows as one line of text.</summary>
internal static class FlowText
{
    public static string Write(FlowQuestion flow)
    {
        var text = $"{flow.Direction} {flow.Protocol} {flow.Port}, subject [{Party(flow.Subject)}], peer [{Party(flow.Peer)}]";
        if (flow.Http is { } http)
        {
            text += $", http {http.Method} {http.Path} host '{http.Host}' headers [{string.Join(", ", http.Headers.Select(h => $"{h.Name}: '{h.Value}'"))}]";
        }

        if (flow.Kafka is { } kafka)
        {
            text += $", kafka key {kafka.ApiKey} version {kafka.ApiVersion} client '{kafka.ClientId}' group '{kafka.GroupId}' topics [{string.Join(", ", kafka.Topics)}]";
        }

        text += flow.DnsName is null ? "" : $", dns '{flow.DnsName}' {flow.DnsType}";
        return text + (flow.ServerName is null ? "" : $", sni '{flow.ServerName}'");
    }

    private static string Party(FlowParty party)
    {
        var text = party.Labels.Text;
        text += party.Address is null ? "" : $" {party.Address} names {string.Join(',', party.DnsNames)}";
        return party.NamedPorts.Count == 0 ? text : $"{text} ports {string.Join(',', party.NamedPorts.Select(p => $"{p.Name}={p.Port}/{p.Protocol}"))}";
    }
}
