using System.Globalization;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>A port as a rule names it: a number, or a service name in lower case when <see cref="Name"/> is not null.</summary>
internal readonly record struct PortName(ushort Number, string? Name)
{
    public bool IsNamed => Name is not null;
}

/// <summary>
/// Reads the <c>port</c> text of a rule (semantics 1.6). A text that is a service name is a name even if it looks like a number
/// (<c>0x50</c>); any other text is a number whose base its prefix tells, so <c>010</c> is eight.
/// </summary>
internal static class PortSyntax
{
    private const int MaxNameLength = 15;

    public static bool TryParse(string text, out PortName port)
    {
        if (IsServiceName(text))
        {
            port = new PortName(0, text.ToLowerInvariant());
            return true;
        }

        var ok = TryParseNumber(text, out var number);
        port = new PortName(number, null);
        return ok;
    }

    /// <summary>A leading zero makes a number octal, which is rarely meant.</summary>
    public static bool IsOctal(string text) => text.Length > 1 && text[0] == '0' && !IsServiceName(text);

    /// <summary>RFC 6335 §5.1: letters, digits and single inner hyphens, at least one letter, at most 15 characters.</summary>
    private static bool IsServiceName(string text)
    {
        if (text.Length is 0 or > MaxNameLength || text[0] == '-' || text[^1] == '-')
        {
            return false;
        }

        var letters = 0;
        for (var i = 0; i < text.Length; i++)
        {
            var c = text[i];
            if (!char.IsAsciiLetterOrDigit(c) && !(c == '-' && text[i - 1] != '-'))
            {
                return false;
            }

            letters += char.IsAsciiLetter(c) ? 1 : 0;
        }

        return letters > 0;
    }

    private static bool TryParseNumber(string text, out ushort number)
    {
        number = 0;
        var (radix, skip) = Prefix(text);
        var digits = text.AsSpan(skip);

        // A digit separator stands between digits or right after a base prefix.
        var afterDigit = skip > 0;
        var value = 0;
        var count = 0;
        foreach (var c in digits)
        {
            if (c == '_')
            {
                if (!afterDigit)
                {
                    return false;
                }

                afterDigit = false;
                continue;
            }

            var digit = char.IsAsciiHexDigit(c) ? int.Parse([c], NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture) : int.MaxValue;
            if (digit >= radix)
            {
                return false;
            }

            value = (value * radix) + digit;
            if (value > ushort.MaxValue)
            {
                return false;
            }

            afterDigit = true;
            count++;
        }

        number = (ushort)value;
        return afterDigit && count > 0;
    }

    private static (int Radix, int Skip) Prefix(string text) => text.Length < 2 || text[0] != '0'
        ? (10, 0)
        : char.ToLowerInvariant(text[1]) switch { 'x' => (16, 2), 'b' => (2, 2), 'o' => (8, 2), _ => (8, 1) };
}
