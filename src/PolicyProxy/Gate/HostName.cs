using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Gate;

/// <summary>The name in an authority. Static and thread-safe.</summary>
internal static class HostName
{
    /// <summary>The host without its port; empty for an address, which is no name.</summary>
    public static ReadOnlySpan<char> Of(ReadOnlySpan<char> authority)
    {
        if (authority.IsEmpty || authority[0] == '[')
        {
            return [];
        }

        var colon = authority.LastIndexOf(':');
        var host = colon < 0 ? authority : authority[..colon];
        return !host.IsEmpty && char.IsAsciiDigit(host[^1]) && System.Net.IPAddress.TryParse(host, out _) ? [] : host;
    }

    /// <summary>True if an authority names this host, whatever the port.</summary>
    /// <param name="authority">Host and port as a request shows them; empty if it shows none.</param>
    /// <param name="host">A name, or an address as an authority writes it.</param>
    public static bool IsOf(ReadOnlySpan<char> authority, ReadOnlySpan<char> host)
    {
        var colon = authority.LastIndexOf(':');
        var shown = colon > authority.LastIndexOf(']') ? authority[..colon] : authority;
        return FqdnPattern.WithoutFinalDot(shown).Equals(FqdnPattern.WithoutFinalDot(host), StringComparison.OrdinalIgnoreCase)
            || (System.Net.IPAddress.TryParse(host, out var address) && System.Net.IPAddress.TryParse(shown, out var other) && address.Equals(other));
    }
}
