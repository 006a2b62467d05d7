using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Tests.Identities.Learning;

/// <summary>Random answers, times, connections and policies: the table has to agree with a list of pairs that is searched from end to end.</summary>
public sealed class FqdnTableModelTests
{
    private const int Grace = 7;
    private static readonly string[] s_patterns = ["n1.example", "n2.example", "*.example", "n1.test", "*.*", "n3.*"];
    private static readonly string[] s_names = ["n1.example", "n2.example", "n3.example", "n1.test", "n3.test", "plain"];

    [Fact]
    public void Table_agrees_with_the_model_whatever_happens()
    {
        for (var seed = 1; seed <= 60; seed++)
        {
            Run(new Random(seed), seed);
        }
    }

    private static void Run(Random random, int seed)
    {
        var table = new LearningTable(new FqdnOptions { Grace = TimeSpan.FromSeconds(Grace) }, s_patterns);
        var patterns = s_patterns;
        var pairs = new Dictionary<(string Name, string Address), DateTimeOffset>();
        for (var step = 0; step < 300; step++)
        {
            var name = s_names[random.Next(s_names.Length)];
            switch (random.Next(10))
            {
                case < 6:
                    var addresses = Enumerable.Range(0, random.Next(1, 4)).Select(_ => Address(random)).Distinct().ToArray();
                    var ttl = (uint)random.Next(20);
                    var isNew = addresses.Count(address => !pairs.ContainsKey((name, address)));
                    Assert.Equal(isNew, table.Learn(name, ttl, addresses));
                    foreach (var address in addresses)
                    {
                        var expires = table.Now.AddSeconds(ttl + Grace);
                        pairs[(name, address)] = pairs.TryGetValue((name, address), out var known) && known > expires ? known : expires;
                    }

                    break;
                case < 9:
                    table.Pass(random.Next(10));
                    foreach (var over in pairs.Where(pair => pair.Value <= table.Now).ToArray())
                    {
                        pairs.Remove(over.Key);
                    }

                    break;
                default:
                    patterns = [.. s_patterns.Where(_ => random.Next(2) == 0)];
                    table.Adopt(patterns);
                    break;
            }

            Compare(table, patterns, pairs.Keys, $"seed {seed}, step {step}");
        }
    }

    private static void Compare(LearningTable table, string[] patterns, IEnumerable<(string Name, string Address)> pairs, string where)
    {
        var byAddress = pairs.ToLookup(pair => pair.Address, pair => pair.Name);
        Assert.Equal(byAddress.Sum(names => names.Count()), table.Table.LearnedCount);
        Assert.Equal(byAddress.Count, table.Table.Current.Learned.Count);
        foreach (var address in Enumerable.Range(0, 12).Select(Address))
        {
            var names = byAddress[address].Order(StringComparer.Ordinal).ToArray();
            var labels = string.Join(' ', patterns.Where(p => names.Any(n => LearningTable.Selector(p).Matches(n))).Order(StringComparer.Ordinal));
            Assert.True(names.SequenceEqual(table.Names(address)), $"{where}: names of {address}");
            Assert.True(labels == table.Labels(address), $"{where}: labels of {address} are {table.Labels(address)}, expected {labels}");
            Assert.True(labels == table.CopiedLabels(address), $"{where}: changes made {address} {table.CopiedLabels(address)}, expected {labels}");
        }
    }

    private static string Address(Random random) => Address(random.Next(12));

    private static string Address(int number) => number % 3 == 0 ? $"2001:db8::{number + 1:x}" : $"192.0.2.{number + 1}";
}
