namespace PolicyProxy.TestKit.Generation;

/// <summary>A seeded stream of choices (SplitMix64): the same seed gives the same case on every machine and runtime.</summary>
internal sealed class CaseRandom(ulong seed)
{
    private ulong _state = seed;

    /// <summary>A number from 0 to <paramref name="bound"/> - 1.</summary>
    public int Next(int bound) => (int)(NextUInt64() % (ulong)bound);

    /// <summary>A number from <paramref name="low"/> to <paramref name="high"/>, both included.</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>Between <paramref name="low"/> and <paramref name="high"/> items made one by one.</summary>
    public List<T> Some<T>(int low, int high, Func<T> make)
    {
        var items = new List<T>();
        for (var count = Between(low, high); count > 0; count--)
        {
            items.Add(make());
        }

        return items;
    }

    /// <summary>The index of a weight, chosen in proportion.</summary>
    public int Weighted(params ReadOnlySpan<int> weights)
    {
        var sum = 0;
        foreach (var weight in weights)
        {
            sum += weight;
        }

        var at = Next(sum);
        var index = 0;
        while (at >= weights[index])
        {
            at -= weights[index++];
        }

        return index;
    }

    public ulong NextUInt64()
    {
        _state += 0x9E3779B97F4A7C15;
        var mixed = (_state ^ (_state >> 30)) * 0xBF58476D1CE4E5B9;
        mixed = (mixed ^ (mixed >> 27)) * 0x94D049BB133111EB;
        return mixed ^ (mixed >> 31);
    }
}
