using System.Globalization;
using System.Numerics;

namespace PolicyProxy.Policy.Yaml;

/// <summary>
/// Decides the JSON type of a plain scalar by the YAML 1.1 rules Kubernetes' decoder uses, in which <c>y</c>, <c>no</c> and <c>off</c>
/// are booleans and <c>010</c> is eight.
/// </summary>
internal static class YamlScalarResolver
{
    public static (YamlValueKind Kind, string JsonText) Resolve(string text) => text switch
    {
        "" or "~" or "null" or "Null" or "NULL" => (YamlValueKind.Null, "null"),
        "y" or "Y" or "yes" or "Yes" or "YES" or "on" or "On" or "ON" or "true" or "True" or "TRUE" => (YamlValueKind.Boolean, "true"),
        "n" or "N" or "no" or "No" or "NO" or "off" or "Off" or "OFF" or "false" or "False" or "FALSE" => (YamlValueKind.Boolean, "false"),
        ".inf" or ".Inf" or ".INF" or "+.inf" or "+.Inf" or "+.INF" or "-.inf" or "-.Inf" or "-.INF" or ".nan" or ".NaN" or ".NAN" =>
            (YamlValueKind.Float, text),
        _ => ResolveNumber(text),
    };

    private static (YamlValueKind Kind, string JsonText) ResolveNumber(string text)
    {
        if (text[0] is not ((>= '0' and <= '9') or '+' or '-' or '.'))
        {
            return (YamlValueKind.Text, text);
        }

        var digits = text.Replace("_", "", StringComparison.Ordinal);
        if (TryParseInteger(digits, out var integer))
        {
            return (YamlValueKind.Integer, integer.ToString(CultureInfo.InvariantCulture));
        }

        if (IsFloat(digits) && double.TryParse(digits, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) && double.IsFinite(number))
        {
            // JSON has one number type: 80.0 arrives in an integer field as 80.
            return double.IsInteger(number) && Math.Abs(number) < 1e15
                ? (YamlValueKind.Integer, ((long)number).ToString(CultureInfo.InvariantCulture))
                : (YamlValueKind.Float, number.ToString("R", CultureInfo.InvariantCulture));
        }

        return (YamlValueKind.Text, text);
    }

    private static bool TryParseInteger(string text, out BigInteger value)
    {
        value = default;
        var digits = text.AsSpan();
        var negative = digits.Length > 0 && digits[0] == '-';
        if (digits.Length > 0 && digits[0] is '+' or '-')
        {
            digits = digits[1..];
        }

        var radix = 10;
        if (digits.Length > 1 && digits[0] == '0')
        {
            (radix, var skip) = char.ToLowerInvariant(digits[1]) switch { 'x' => (16, 2), 'b' => (2, 2), 'o' => (8, 2), _ => (8, 1) };
            digits = digits[skip..];
        }

        // 64 bits and a sign are the most Kubernetes' decoder keeps as an integer.
        if (digits.IsEmpty || digits.Length > 64)
        {
            return false;
        }

        foreach (var c in digits)
        {
            var digit = char.IsAsciiHexDigit(c) ? Convert.ToInt32(c.ToString(), 16) : 99;
            if (digit >= radix)
            {
                return false;
            }

            value = (value * radix) + digit;
        }

        value = negative ? -value : value;
        return value >= long.MinValue && value <= ulong.MaxValue;
    }

    /// <summary>Digits with an optional fraction and exponent; <c>1.</c>, <c>.5</c> and <c>1e3</c> are numbers.</summary>
    private static bool IsFloat(string text)
    {
        var at = text.Length > 0 && text[0] is '+' or '-' ? 1 : 0;
        var digits = SkipDigits(text, ref at);
        if (at < text.Length && text[at] == '.')
        {
            at++;
            digits += SkipDigits(text, ref at);
        }

        if (digits > 0 && at < text.Length && text[at] is 'e' or 'E')
        {
            at++;
            at += at < text.Length && text[at] is '+' or '-' ? 1 : 0;
            digits = SkipDigits(text, ref at);
        }

        return digits > 0 && at == text.Length;
    }

    private static int SkipDigits(string text, ref int at)
    {
        var start = at;
        while (at < text.Length && char.IsAsciiDigit(text[at]))
        {
            at++;
        }

        return at - start;
    }
}
