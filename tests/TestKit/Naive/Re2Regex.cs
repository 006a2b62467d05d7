using System.Collections.Concurrent;
using System.Globalization;
using System.Text;
using System.Text.RegularExpressions;

namespace PolicyProxy.TestKit.Naive;

/// <summary>RE2 expressions as .NET ones, matched in full (semantics 5.1). Good for the expressions of vectors and the generator.</summary>
internal static class Re2Regex
{
    private const string Word = "0-9A-Za-z_";
    private static readonly ConcurrentDictionary<string, Regex?> Cache = new();

    private static readonly Dictionary<string, string> PosixClasses = new()
    {
        ["alnum"] = "0-9A-Za-z", ["alpha"] = "A-Za-z", ["ascii"] = @"\x00-\x7F", ["blank"] = @"\t ", ["cntrl"] = @"\x00-\x1F\x7F",
        ["digit"] = "0-9", ["graph"] = "!-~", ["lower"] = "a-z", ["print"] = " -~", ["punct"] = @"!-/:-@\[-`{-~",
        ["space"] = @"\t\n\v\f\r ", ["upper"] = "A-Z", ["word"] = Word, ["xdigit"] = "0-9A-Fa-f",
    };

    /// <summary>True if the whole text matches. An expression .NET cannot read matches nothing.</summary>
    public static bool Matches(string expression, string text) => Cache.GetOrAdd(expression, Create)?.IsMatch(text) ?? false;

    private static Regex? Create(string expression)
    {
        var pattern = @"\A(?:" + Translate(expression) + @")\z";
        try
        {
            // nested repetitions take a backtracking matcher for ever
            return new Regex(pattern, RegexOptions.CultureInvariant | RegexOptions.NonBacktracking);
        }
        catch (NotSupportedException)
        {
            // word borders became look-arounds
            return new Regex(pattern, RegexOptions.CultureInvariant);
        }
        catch (ArgumentException)
        {
            return null;
        }
    }

    private static string Translate(string re2)
    {
        var output = new StringBuilder();
        var inClass = false;
        for (var i = 0; i < re2.Length; i++)
        {
            var rest = re2.AsSpan(i);
            if (rest is ['\\', 'Q', ..])
            {
                var end = re2.IndexOf(@"\E", i + 2, StringComparison.Ordinal);
                end = end < 0 ? re2.Length : end;
                output.Append(Regex.Escape(re2[(i + 2)..end]));
                i = end + 1;
            }
            else if (rest is ['\\', var next, ..])
            {
                output.Append(Escape(re2, ref i, next, inClass));
            }
            else if (inClass && rest.StartsWith("[:") && re2.IndexOf(":]", i, StringComparison.Ordinal) is > 0 and var close)
            {
                output.Append(re2[i + 2] == '^' ? Complement(PosixClasses[re2[(i + 3)..close]]) : PosixClasses[re2[(i + 2)..close]]);
                i = close + 1;
            }
            else if (inClass)
            {
                inClass = rest[0] != ']';
                output.Append(rest[0] == '[' ? @"\[" : rest[0].ToString());
            }
            else if (rest[0] == '[')
            {
                inClass = true;
                output.Append('[');
                if (rest is ['[', '^', ..])
                {
                    output.Append('^');
                    i++;
                }

                if (i + 1 < re2.Length && re2[i + 1] == ']')
                {
                    output.Append(@"\]");
                    i++;
                }
            }
            else if (rest.StartsWith("(?P<"))
            {
                output.Append("(?<");
                i += 3;
            }
            else
            {
                output.Append(rest[0] == '$' ? @"\z" : rest[0].ToString());
            }
        }

        return output.ToString();
    }

    /// <summary>The members of a class that another ASCII class lacks.</summary>
    private static string Complement(string members)
    {
        var output = new StringBuilder();
        for (var c = 0; c < 0x80; c++)
        {
            output.Append(Regex.IsMatch(((char)c).ToString(), $"[{members}]") ? "" : $@"\u{c:X4}");
        }

        return output.Append(@"\u0080-\uFFFF").ToString();
    }

    /// <summary>RE2's <c>\d \w \s \b</c> are ASCII; .NET's are Unicode.</summary>
    private static string Escape(string re2, ref int i, char next, bool inClass)
    {
        i++;
        switch (next)
        {
            case 'd': return inClass ? "0-9" : "[0-9]";
            case 'w': return inClass ? Word : $"[{Word}]";
            case 's': return inClass ? @"\t\n\f\r " : @"[\t\n\f\r ]";
            case 'D': return inClass ? Complement("0-9") : "[^0-9]";
            case 'W': return inClass ? Complement(Word) : $"[^{Word}]";
            case 'S': return inClass ? Complement(@"\t\n\f\r ") : @"[^\t\n\f\r ]";
            case 'b': return $"(?:(?<=[{Word}])(?![{Word}])|(?<![{Word}])(?=[{Word}]))";
            case 'B': return $"(?:(?<=[{Word}])(?=[{Word}])|(?<![{Word}])(?![{Word}]))";
            case 'C': return @"[\s\S]";
            case 'p' or 'P' when i + 1 < re2.Length && re2[i + 1] != '{':
                i++;
                return $@"\{next}{{{re2[i]}}}";
            case 'x' when i + 1 < re2.Length && re2[i + 1] == '{':
                var close = re2.IndexOf('}', i);
                var code = int.Parse(re2.AsSpan(i + 2, close - i - 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
                i = close;
                return $@"\u{code:X4}";
            default: return @"\" + next;
        }
    }
}
