using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

/// <summary>Tests that read the memory of the whole process and therefore run while no other test does.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class MeasuredAlone
{
    public const string Name = "measured alone";
}

[Collection(MeasuredAlone.Name)]
public sealed class Re2CacheMemoryTests
{
    [Fact]
    public void Pattern_with_exponentially_many_states_keeps_within_its_cache()
    {
        var limits = new Re2Limits { MaxCacheBytes = 1 << 20 };
        var set = Re2Set.Compile(Re2TestSets.Parse("(?:a|b)*a(?:a|b){16}"), limits);
        var random = new Random(5);
        var input = string.Create(200_000, random, (span, r) => r.GetItems("ab", span));
        var before = GC.GetTotalMemory(forceFullCollection: true);
        Assert.Equal(input[^17] == 'a', set.Match(input).Length == 1);
        Assert.True(GC.GetTotalMemory(forceFullCollection: true) - before < 3 * limits.MaxCacheBytes);
    }
}
