using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Redirect.Tests;

/// <summary>Ranges of ports as prefixes.</summary>
public sealed class PortPrefixesTests
{
    [Theory]
    [InlineData(0, 65_535, "0/0")]
    [InlineData(80, 80, "80/16")]
    [InlineData(80, 81, "80/15")]
    [InlineData(1, 65_535, null)]
    [InlineData(1_000, 1_999, null)]
    [InlineData(65_535, 65_535, "65535/16")]
    public void Prefixes_cover_exactly_the_range(int first, int last, string? expected)
    {
        var prefixes = PortPrefixes.Of(first, last).ToList();

        Assert.Equal(
            Enumerable.Range(first, last - first + 1),
            prefixes.SelectMany(static prefix => Enumerable.Range(prefix.Port, 1 << (16 - prefix.Length))));
        Assert.All(prefixes, static prefix => Assert.Equal(0, prefix.Port % (1 << (16 - prefix.Length))));
        Assert.InRange(prefixes.Count, 1, 30);
        if (expected is not null)
        {
            Assert.Equal(expected, string.Join(' ', prefixes.Select(static prefix => $"{prefix.Port}/{prefix.Length}")));
        }
    }
}
