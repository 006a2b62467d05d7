using System.Net;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Tests.Identities.Learning;

/// <summary>An identity table with some DNS selectors, a clock, and a copy of its identities kept by its changes alone.</summary>
internal sealed class LearningTable
{
    private readonly Dictionary<IPAddress, Identity> _copy = [];

    public LearningTable(FqdnOptions options, params string[] patterns)
    {
        Table = new IdentityTable("default", options);
        Table.Published += (_, change) => Apply(change);
        Adopt(patterns);
    }

    public IdentityTable Table { get; }

    public DateTimeOffset Now { get; set; } = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    public List<IdentityChange> Changes { get; } = [];

    public void Adopt(params string[] patterns)
    {
        var snapshot = Table.Adopt(new IdentityScope { FqdnSelectors = [.. patterns.Select(Selector)] }, PolicyObjects.Empty);
        CopyAll(snapshot);
    }

    public int Learn(string name, uint ttl, params string[] addresses) => LearnThrough(name, [], ttl, addresses);

    public int LearnThrough(string name, FqdnAlias[] aliases, uint ttl, params string[] addresses) => Table.Learn(
        new FqdnAnswer { Name = name, Aliases = aliases, Addresses = [.. addresses.Select(a => FqdnAddress.Of(IPAddress.Parse(a), ttl))] },
        Now);

    public void Pass(int seconds)
    {
        Now = Now.AddSeconds(seconds);
        Table.Expire(Now);
    }

    public string[] Names(string address) => [.. Table.Current.NamesOf(IPAddress.Parse(address))];

    /// <summary>The patterns in the labels of an address's identity, in order.</summary>
    public string Labels(string address) => LabelsOf(Table.Resolve(IPAddress.Parse(address)));

    /// <summary>As <see cref="Labels"/>, by who has only listened to changes.</summary>
    public string CopiedLabels(string address) =>
        _copy.TryGetValue(IPAddress.Parse(address), out var identity) ? LabelsOf(identity) : string.Empty;

    public static FqdnSelector Selector(string pattern) => new(pattern, pattern.Contains('*', StringComparison.Ordinal));

    private static string LabelsOf(Identity identity) => string.Join(' ', identity.Labels.Labels.Where(l => l.Source == "fqdn").Select(l => l.Key));

    private void Apply(IdentityChange change)
    {
        Changes.Add(change);
        if (change.IsWhole)
        {
            CopyAll(change.Snapshot);
        }

        foreach (var (address, before, after) in change.Addresses)
        {
            if (_copy.TryGetValue(address, out var known))
            {
                Assert.Same(known, before);
            }

            _copy[address] = after;
        }
    }

    private void CopyAll(IdentitySnapshot snapshot)
    {
        _copy.Clear();
        foreach (var (key, learned) in snapshot.Learned)
        {
            _copy[FqdnAddress.AddressOf(key)] = learned.Identity;
        }
    }
}
