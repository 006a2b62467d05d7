using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Fuzz;

/// <summary>A parser with its oracle. Stateless, so that an input means the same in every run.</summary>
internal abstract class FuzzTarget
{
    /// <summary>Name on the command line.</summary>
    public abstract string Name { get; }

    /// <summary>Name of the file with the tokens to insert, in <c>dictionaries</c>.</summary>
    public abstract string Dictionary { get; }

    /// <summary>Inputs to start from: recorded messages and what this target needs around them.</summary>
    public abstract IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Reads any bytes in every way the parser offers; throws <see cref="LawBrokenException"/>, or whatever the parser throws, for a finding.</summary>
    public abstract FuzzOutcome Run(byte[] input);

    /// <summary>Some proper prefixes of a message to try: the short ones, the nearly complete ones, one anywhere.</summary>
    protected static IEnumerable<int> Prefixes(int length, uint seed) =>
        new[] { 0, 1, length / 2, (int)(seed % (uint)Math.Max(length, 1)), length - 3, length - 2, length - 1 }.Where(prefix => prefix >= 0);
}
