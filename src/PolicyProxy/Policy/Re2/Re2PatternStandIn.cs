using System.Text.RegularExpressions;

namespace PolicyProxy.Policy.Re2;

/// <summary>Parses with the BCL's engine, whose syntax is close enough for tests.</summary>
internal sealed partial class Re2Pattern
{
    /// <summary>False, with the reason, when <paramref name="pattern"/> does not compile.</summary>
    public static bool TryParse(string pattern, out Re2Pattern? result, out Re2Error error)
    {
        try
        {
            _ = new Regex(
                pattern.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace("\\pL", "\\p{L}", StringComparison.Ordinal),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            result = new Re2Pattern();
            error = default;
            return true;
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            result = null;
            error = new Re2Error(e.Message, 0);
            return false;
        }
    }
}
