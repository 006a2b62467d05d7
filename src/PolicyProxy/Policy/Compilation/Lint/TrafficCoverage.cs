using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Lint;

/// <summary>Compares peers and ports as written. Answers err towards "not covered".</summary>
internal static class TrafficCoverage
{
    /// <summary>True if the entry names no peers at all: with ports it means everybody (semantics 2.5).</summary>
    public static bool IsAnyPeer(DirectionRule entry) =>
        (entry.Endpoints, entry.Nodes, entry.Entities, entry.Cidrs) is (null, null, null, null)
        && (entry.CidrSets, entry.Groups, entry.Services, entry.Fqdns) is (null, null, null, null);

    /// <summary>True if everybody selected by <paramref name="entry"/> is certainly selected by <paramref name="other"/>.</summary>
    public static bool CoversPeers(DirectionRule other, DirectionRule entry)
    {
        if (other.Entities?.Any(e => e.Value == "all") == true)
        {
            return true;
        }

        return (IsAnyPeer(other) && other.ToPorts is { Count: > 0 }) || PeerText(other) == PeerText(entry);
    }

    /// <summary>True if the port rule admits every port of <paramref name="ports"/>.</summary>
    public static bool CoversPorts(PortRule other, IReadOnlyList<PortProtocol> ports) =>
        ports.Count > 0 && ports.All(port => other.Ports.Any(candidate => Covers(candidate, port)));

    /// <summary>True if the port rule admits this number on this protocol.</summary>
    public static bool Admits(PortRule rule, ushort number, string protocol) => rule.Ports.Any(port =>
        IsProtocol(port, protocol) && (Range(port) is { } range ? range.Covers(number) : false));

    /// <summary>The entry's peers in one line.</summary>
    public static string PeerText(DirectionRule entry) => string.Join('|', PeerParts(entry).Order(StringComparer.Ordinal));

    private static IEnumerable<string> PeerParts(DirectionRule entry)
    {
        foreach (var selector in entry.Endpoints ?? [])
        {
            yield return "endpoint " + SelectorCoverage.Text(selector);
        }

        foreach (var selector in entry.Nodes ?? [])
        {
            yield return "node " + SelectorCoverage.Text(selector);
        }

        foreach (var text in (entry.Entities ?? []).Concat(entry.Cidrs ?? []).Concat(entry.Groups ?? []))
        {
            yield return "peer " + text.Value;
        }

        foreach (var set in entry.CidrSets ?? [])
        {
            // The span keeps sets with exceptions or groups apart: they are equal only to themselves.
            yield return set is { Cidr: { } cidr, Except.Count: 0 } ? "peer " + cidr.Value : "set " + set.Span;
        }

        foreach (var service in entry.Services ?? [])
        {
            yield return "service " + service.Namespace + "/" + (service.ServiceName?.Value ?? service.Span.ToString());
        }

        foreach (var name in entry.Fqdns ?? [])
        {
            yield return "name " + (name.MatchName?.Value ?? name.MatchPattern?.Value);
        }
    }

    private static bool Covers(PortProtocol candidate, PortProtocol port)
    {
        if (!IsProtocol(candidate, port.Protocol.Value))
        {
            return false;
        }

        return Range(candidate) is { } outer && Range(port) is { } inner
            ? outer.Covers(inner.First) && outer.Covers(inner.Last)
            : string.Equals(candidate.Port.Value, port.Port.Value, StringComparison.OrdinalIgnoreCase);
    }

    private static bool IsProtocol(PortProtocol port, string protocol) =>
        port.Protocol.Value.Length == 0
        || port.Protocol.Value.Equals("ANY", StringComparison.OrdinalIgnoreCase)
        || port.Protocol.Value.Equals(protocol, StringComparison.OrdinalIgnoreCase);

    private static PortSpan? Range(PortProtocol port)
    {
        if (!ushort.TryParse(port.Port.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var first))
        {
            return null;
        }

        return first == 0 ? new PortSpan(0, ushort.MaxValue) : new PortSpan(first, Math.Max(first, port.EndPort));
    }

    private readonly record struct PortSpan(int First, int Last)
    {
        public bool Covers(int port) => First <= port && port <= Last;
    }
}
