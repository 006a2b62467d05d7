using System.Net;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Gate;

/// <summary>Makes the L7 part of a flow from a DNS answer.</summary>
internal static class DnsFlow
{
    public static Flows.DnsRecord Of(in DnsAnswer answer, TimeSpan latency)
    {
        Span<char> scratch = stackalloc char[DnsName.MaxPresentationChars];
        var addresses = new List<string>();
        var ttl = int.MaxValue;
        foreach (var address in answer.Addresses)
        {
            addresses.Add(new IPAddress(address.Bytes).ToString());
            ttl = Math.Min(ttl, address.Ttl);
        }

        var names = new List<string>();
        foreach (var alias in answer.Aliases)
        {
            names.Add(Text(alias, scratch));
        }

        return new Flows.DnsRecord(true, latency, Text(answer.Question.Name, scratch), DnsQueryType.NameOf(answer.Question.Type))
        {
            Addresses = addresses,
            Cnames = names,
            Ttl = addresses.Count == 0 ? 0 : (uint)ttl,
            ResponseCode = (int)answer.ResponseCode,
        };
    }

    private static string Text(DnsWireName name, Span<char> scratch) =>
        name.TryFormat(scratch, out var written) ? GateFlows.FullyQualified(scratch[..written]) : string.Empty;
}
