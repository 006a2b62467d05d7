using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Tests.Identities;

/// <summary>
/// Verdicts that depend on nothing but a name and the patterns of one rule, from testdata/name-verdicts.tsv. Columns: id; patterns
/// (<c>name:</c>, <c>dns:</c>, <c>fqdn:</c> or <c>sni:</c> in front); names (a dot is the root, a dash no server name); covered or not.
/// </summary>
public class NameVerdictTests
{
    [Fact]
    public void Patterns_give_the_recorded_verdicts()
    {
        var rows = File.ReadAllLines(Path.Combine(AppContext.BaseDirectory, "testdata", "name-verdicts.tsv"));
        Assert.True(rows.Length > 150);
        foreach (var row in rows)
        {
            var columns = row.Split('\t');
            var patterns = columns[1].Split(' ');
            var names = columns[2].Split(' ').Select(name => name == "-" ? "" : name).ToArray();
            Assert.True((columns[3] == "yes") == names.Any(name => patterns.Any(pattern => Covers(pattern, name))), columns[0]);
        }
    }

    private static bool Covers(string pattern, string name)
    {
        var (kind, text) = (pattern[..pattern.IndexOf(':')], pattern[(pattern.IndexOf(':') + 1)..]);
        if (kind == "sni")
        {
            Assert.True(ServerNamePattern.TryParse(text, out var serverName, out var fault), fault);
            return serverName.Matches(name);
        }

        FqdnPattern? fqdn;
        string reason;
        var parsed = kind == "name"
            ? FqdnPattern.TryParseName(text, out fqdn, out reason)
            : FqdnPattern.TryParsePattern(text, kind == "dns" ? FqdnPatternUse.DnsRule : FqdnPatternUse.ToFqdns, out fqdn, out reason);
        Assert.True(parsed, reason);
        return fqdn!.Matches(name);
    }
}
