namespace PolicyProxy.Fuzz;

/// <summary>Makes the same mutants of a target's seeds in every run, without coverage: what the tests use in place of a fuzzer.</summary>
/// <param name="target">Whose seeds and dictionary.</param>
/// <param name="seed">Of the random numbers.</param>
internal sealed class Mutator(FuzzTarget target, int seed)
{
    private readonly IReadOnlyList<byte[]> _seeds = target.Seeds;
    private readonly IReadOnlyList<byte[]> _tokens = FuzzDictionary.Read(target.Dictionary);
    private readonly Random _random = new(seed);

    /// <summary>The next mutant: one to three changes.</summary>
    public byte[] Next()
    {
        var bytes = new List<byte>(_seeds[_random.Next(_seeds.Count)]);
        for (var i = _random.Next(1, 4); i > 0; i--)
        {
            Change(bytes);
        }

        return [.. bytes];
    }

    private void Change(List<byte> bytes)
    {
        var at = _random.Next(bytes.Count + 1);
        var length = Math.Min(_random.Next(1, 17), bytes.Count - at);
        switch (_random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << _random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)_random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, length);
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, length));
                break;
            case 4:
                bytes.InsertRange(LineStart(bytes), Token());
                break;
            default:
                bytes.InsertRange(at, Token());
                break;
        }
    }

    private byte[] Token() => _tokens[_random.Next(_tokens.Count)];

    // Where a whole field line of the dictionary means something
    private int LineStart(List<byte> bytes)
    {
        var lineEnds = Enumerable.Range(0, bytes.Count).Where(i => bytes[i] == '\n').ToList();
        return lineEnds.Count == 0 ? 0 : lineEnds[_random.Next(lineEnds.Count)] + 1;
    }
}
