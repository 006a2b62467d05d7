#pragma warning disable
using System.Text.RegularExpressions;

namespace PolicyProxy.Policy.Re2;

/// <summary>Parses with the BCL's engine, whose syntax is close enough for tests.</summary>
internal sealed partial class Re2Pattern
{
    public string Text=""; public string? Literal => System.Text.RegularExpressions.Regex.IsMatch(Text,"^[A-Za-z0-9/_-]*$")?Text:null; public string? LiteralPrefix => Text.EndsWith(".*") && System.Text.RegularExpressions.Regex.IsMatch(Text[..^2],"^[A-Za-z0-9/_-]*$")?Text[..^2]:null; public bool MatchesEverything=>Text==".*";
    /// <summary>False, with the reason, when <paramref name="pattern"/> does not compile.</summary>
    public static bool TryParse(string pattern, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out Re2Pattern? result, out Re2Error error)
    {
        try
        {
            _ = new Regex(
                pattern.Replace("(?P<", "(?<", StringComparison.Ordinal).Replace("\\pL", "\\p{L}", StringComparison.Ordinal),
                RegexOptions.NonBacktracking | RegexOptions.CultureInvariant);
            result = new Re2Pattern { Text = pattern };
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
