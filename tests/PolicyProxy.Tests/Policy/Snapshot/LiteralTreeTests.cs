using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Tests.Policy.Snapshot;

public sealed class LiteralTreeTests
{
    [Fact]
    public void Find_yields_prefixes_from_short_to_long_and_the_exact_literal_last()
    {
        var tree = LiteralTree.Build([("/a", true, 1), ("/api/v1", true, 2), ("/api/v1/x", false, 3), ("", true, 4), ("/api/v2", false, 5)]);
        Assert.Equal([4, 1, 2, 3], Values(tree, "/api/v1/x"));
        Assert.Equal([4, 1], Values(tree, "/api/v"));
        Assert.Equal([4, 1, 5], Values(tree, "/api/v2"));
        Assert.Equal([4], Values(tree, string.Empty));
    }

    [Fact]
    public void Find_prefix_does_not_run_over_a_newline()
    {
        var tree = LiteralTree.Build([("/a", true, 1)]);
        Assert.Equal([1], Values(tree, "/ab"));
        Assert.Empty(Values(tree, "/a\nb"));
    }

    [Fact]
    public void Find_agrees_with_a_scan_over_random_literals()
    {
        var random = new Random(20261123);
        for (var round = 0; round < 300; round++)
        {
            var entries = Enumerable.Range(0, random.Next(40)).Select(i => (Text(random), random.Next(2) == 0, i)).ToArray();
            var tree = LiteralTree.Build(entries);
            for (var i = 0; i < 40; i++)
            {
                var input = Text(random);
                var expected = entries.Where(e => e.Item2 ? input.StartsWith(e.Item1, StringComparison.Ordinal) : input == e.Item1).Select(e => e.i);
                Assert.Equal(expected.Order(), Values(tree, input).Order());
            }
        }
    }

    private static string Text(Random random) => new([.. Enumerable.Range(0, random.Next(7)).Select(_ => "ab/"[random.Next(3)])]);

    private static List<int> Values(LiteralTree tree, string input)
    {
        var values = new List<int>();
        var walk = tree.Find(input);
        while (walk.MoveNext())
        {
            values.AddRange(walk.Current);
        }

        return values;
    }
}
