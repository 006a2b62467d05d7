using System.Collections.Frozen;
using System.Globalization;

namespace PolicyProxy.Policy.Re2;

/// <summary>The character classes that have a name: <c>\d</c>, <c>[:alpha:]</c>, <c>\pL</c>, <c>\p{Greek}</c>. All lookups are by exact
/// name, as in RE2 and in Go before 1.25.</summary>
internal static class NamedClasses
{
    private static readonly FrozenDictionary<string, int[]> Posix = new Dictionary<string, int[]>
    {
        ["alnum"] = ['0', '9', 'A', 'Z', 'a', 'z'],
        ["alpha"] = ['A', 'Z', 'a', 'z'],
        ["ascii"] = [0, 0x7F],
        ["blank"] = ['\t', '\t', ' ', ' '],
        ["cntrl"] = [0, 0x1F, 0x7F, 0x7F],
        ["digit"] = ['0', '9'],
        ["graph"] = ['!', '~'],
        ["lower"] = ['a', 'z'],
        ["print"] = [' ', '~'],
        ["punct"] = ['!', '/', ':', '@', '[', '`', '{', '~'],
        ["space"] = ['\t', '\r', ' ', ' '],
        ["upper"] = ['A', 'Z'],
        ["word"] = ['0', '9', 'A', 'Z', '_', '_', 'a', 'z'],
        ["xdigit"] = ['0', '9', 'A', 'F', 'a', 'f'],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly int[] PerlSpace = ['\t', '\n', '\f', '\r', ' ', ' '];

    // In the order of System.Globalization.UnicodeCategory; unassigned (Cn) has no name in RE2.
    private static readonly string[] CategoryNames =
    [
        "Lu", "Ll", "Lt", "Lm", "Lo", "Mn", "Mc", "Me", "Nd", "Nl", "No", "Zs", "Zl", "Zp", "Cc",
        "Cf", "Cs", "Co", "Pc", "Pd", "Ps", "Pe", "Pi", "Pf", "Po", "Sm", "Sc", "Sk", "So",
    ];

    private static readonly FrozenDictionary<string, int[]> Scripts = BuildScripts();

    private static readonly Lazy<FrozenDictionary<string, int[]>> Categories = new(BuildCategories);

    /// <summary>Ranges of <c>\d</c>, <c>\s</c> or <c>\w</c> by the lower-case letter, or null. ASCII only.</summary>
    public static int[]? FindPerl(char letter) => letter switch
    {
        'd' => Posix["digit"],
        's' => PerlSpace,
        'w' => Posix["word"],
        _ => null,
    };

    /// <summary>Ranges of a POSIX class by its name without brackets and caret, or null.</summary>
    public static int[]? FindPosix(string name) => Posix.GetValueOrDefault(name);

    /// <summary>Ranges of a Unicode general category or script, or null. Categories follow the runtime's Unicode version.</summary>
    public static int[]? FindUnicode(string name)
    {
        if (name == "Any")
        {
            return CodePointSet.All;
        }

        return Categories.Value.GetValueOrDefault(name) ?? Scripts.GetValueOrDefault(name);
    }

    private static FrozenDictionary<string, int[]> BuildScripts()
    {
        var table = ScriptTable.Scripts;
        var scripts = new Dictionary<string, int[]>(table.Length);
        for (var i = 0; i < table.Length; i++)
        {
            var end = i + 1 < table.Length ? table[i + 1].First * 2 : ScriptTable.Ranges.Length;
            scripts[table[i].Name] = ScriptTable.Ranges[(table[i].First * 2)..end].ToArray();
        }

        return scripts.ToFrozenDictionary(StringComparer.Ordinal);
    }

    private static FrozenDictionary<string, int[]> BuildCategories()
    {
        var sets = new Dictionary<string, CodePointSet>();
        for (var first = 0; first <= CodePointSet.Last;)
        {
            var category = CharUnicodeInfo.GetUnicodeCategory(first);
            var end = first + 1;
            while (end <= CodePointSet.Last && CharUnicodeInfo.GetUnicodeCategory(end) == category)
            {
                end++;
            }

            if ((int)category < CategoryNames.Length)
            {
                var name = CategoryNames[(int)category];
                SetOf(sets, name).Add(first, end - 1);
                SetOf(sets, name[..1]).Add(first, end - 1);
            }

            first = end;
        }

        return sets.ToFrozenDictionary(pair => pair.Key, pair => pair.Value.ToRanges(), StringComparer.Ordinal);
    }

    private static CodePointSet SetOf(Dictionary<string, CodePointSet> sets, string name)
    {
        if (!sets.TryGetValue(name, out var set))
        {
            sets.Add(name, set = new CodePointSet());
        }

        return set;
    }
}
