using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Tests.Identities.Learning;

public sealed class IdentityNamesTests
{
    [Theory]
    [InlineData(3)]
    [InlineData(70)] // more than there are bits
    public void Narrow_leaves_the_labels_of_the_name_and_no_others(int names)
    {
        var texts = Enumerable.Range(0, names).Select(i => $"n{i}.example").ToArray();
        var table = new LearningTable(FqdnOptions.Cilium, [.. texts, "n1.*"]);
        foreach (var text in texts)
        {
            table.Learn(text, 30, "192.0.2.1");
        }

        var whole = table.Table.Resolve(System.Net.IPAddress.Parse("192.0.2.1"));
        var left = whole.Names!.Narrow(whole, "n1.example");
        Assert.Equal(["n1.*", "n1.example"], left.Labels.Labels.Where(l => l.Source == "fqdn").Select(l => l.Key));
        Assert.Equal(left.Labels, whole.Names.Narrow(whole, "n1.example").Labels);
        Assert.Same(whole.Names.Unnamed, whole.Names.Narrow(whole, "other.example"));
    }

    [Fact]
    public void Narrow_to_a_name_that_satisfies_everything_is_the_whole()
    {
        var table = new LearningTable(FqdnOptions.Cilium, "a.example", "*.example");
        table.Learn("a.example", 30, "192.0.2.1");
        var whole = table.Table.Resolve(System.Net.IPAddress.Parse("192.0.2.1"));
        Assert.Same(whole, whole.Names!.Narrow(whole, "a.example"));
    }
}
