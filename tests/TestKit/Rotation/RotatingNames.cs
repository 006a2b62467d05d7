using System.Net;

namespace PolicyProxy.TestKit.Rotation;

/// <summary>
/// 500 names on 10,000 addresses, in groups that share a pool: every name moves to other addresses of its pool after seconds. The last names
/// of a group are not allowed by policy.
/// </summary>
internal sealed class RotatingNames(Random random)
{
    public const int Groups = 20;
    public const int NamesPerGroup = 25;
    public const int AddressesPerGroup = 500;
    public const int MaxTtl = 30;

    private const int ForbiddenPerGroup = 5;
    private readonly (int[] Addresses, int MovesAt)[] _current = new (int[], int)[Groups * NamesPerGroup];

    /// <summary>Numbers of all names.</summary>
    public static int Count => Groups * NamesPerGroup;

    public static bool IsAllowed(int name) => name % NamesPerGroup < NamesPerGroup - ForbiddenPerGroup;

    public static int GroupOf(int name) => name / NamesPerGroup;

    /// <summary>Even groups are allowed name by name, odd ones by a pattern.</summary>
    public static string Text(int name) => $"{(IsAllowed(name) ? "n" : "x.n")}{name}.g{GroupOf(name)}.example";

    /// <summary>The policy: resolver, names, patterns.</summary>
    public static string Policy()
    {
        var selectors = Enumerable.Range(0, Count).Where(n => IsAllowed(n) && GroupOf(n) % 2 == 0).Select(n => $"{{matchName: {Text(n)}}}")
            .Concat(Enumerable.Range(0, Groups).Where(g => g % 2 == 1).Select(g => $"{{matchPattern: \"*.g{g}.example\"}}"));
        return $$$"""
            apiVersion: cilium.io/v2
            kind: CiliumNetworkPolicy
            metadata: {name: api, namespace: default}
            spec:
              endpointSelector: {matchLabels: {app: api}}
              egress:
              - toCIDR: [10.255.0.1/32]
                toPorts: [{ports: [{port: "53", protocol: UDP}], rules: {dns: [{matchPattern: "*"}]}}]
              - toFQDNs: [{{{string.Join(", ", selectors)}}}]
                toPorts: [{ports: [{port: "80", protocol: TCP}]}]
            """;
    }

    public static IPAddress Address(int number) =>
        number % 4 == 0 ? IPAddress.Parse($"2001:db8::{number:x}") : new IPAddress([10, 1, (byte)(number >> 8), (byte)number]);

    /// <summary>Where a name is now, and for how many seconds that may be believed.</summary>
    public (int[] Addresses, uint Ttl) Resolve(int name, int second)
    {
        ref var current = ref _current[name];
        if (current.Addresses is null || second >= current.MovesAt)
        {
            var first = GroupOf(name) * AddressesPerGroup;
            current = ([.. Enumerable.Range(0, random.Next(1, 9)).Select(_ => first + random.Next(AddressesPerGroup)).Distinct()], second + random.Next(1, 60));
        }

        return (current.Addresses, (uint)random.Next(MaxTtl + 1));
    }
}
