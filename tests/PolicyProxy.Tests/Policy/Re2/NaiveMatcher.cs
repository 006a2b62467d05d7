using System.Text;
using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

/// <summary>The meaning of a tree, written down as directly as possible: from a set of places to the set of places after it.</summary>
internal sealed class NaiveMatcher
{
    private readonly int[] _input;

    private NaiveMatcher(string input) => _input = [.. input.EnumerateRunes().Select(rune => rune.Value)];

    public static bool IsMatch(Re2Node root, string input)
    {
        var matcher = new NaiveMatcher(input);
        return matcher.After(root, [0]).Contains(matcher._input.Length);
    }

    private HashSet<int> After(Re2Node node, HashSet<int> places) => node.Kind switch
    {
        Re2NodeKind.Empty => places,
        Re2NodeKind.Literal => Consume(places, c => c == node.Value),
        Re2NodeKind.Class => Consume(places, c => Enumerable.Range(0, node.Ranges.Length / 2).Any(i => node.Ranges[2 * i] <= c && c <= node.Ranges[(2 * i) + 1])),
        Re2NodeKind.Assertion => [.. places.Where(place => Holds((Re2Assertion)node.Value, place))],
        Re2NodeKind.Concat => node.Parts.Aggregate(places, (from, part) => After(part, from)),
        Re2NodeKind.Alternate => [.. node.Parts.SelectMany(part => After(part, places))],
        Re2NodeKind.Group => After(node.Parts[0], places),
        _ => Repeat(node, places),
    };

    private HashSet<int> Consume(HashSet<int> places, Func<int, bool> accepts) =>
        [.. places.Where(place => place < _input.Length && accepts(_input[place])).Select(place => place + 1)];

    private HashSet<int> Repeat(Re2Node node, HashSet<int> places)
    {
        for (var i = 0; i < node.Value; i++)
        {
            places = After(node.Parts[0], places);
        }

        var all = new HashSet<int>(places);
        for (var i = node.Value; node.Max == Re2Node.Unbounded ? places.Count > 0 : i < node.Max; i++)
        {
            places = [.. After(node.Parts[0], places).Except(all)]; // a set of its own: an empty part gives back the caller's
            all.UnionWith(places);
        }

        return all;
    }

    private bool Holds(Re2Assertion assertion, int place) => assertion switch
    {
        Re2Assertion.BeginText => place == 0,
        Re2Assertion.BeginLine => place == 0 || _input[place - 1] == '\n',
        Re2Assertion.EndText => place == _input.Length,
        Re2Assertion.EndLine => place == _input.Length || _input[place] == '\n',
        Re2Assertion.WordBoundary => IsWord(place - 1) != IsWord(place),
        _ => IsWord(place - 1) == IsWord(place),
    };

    private bool IsWord(int index) =>
        index >= 0 && index < _input.Length && (_input[index] == '_' || (Rune.TryCreate(_input[index], out var rune) && rune.IsAscii && Rune.IsLetterOrDigit(rune)));
}
