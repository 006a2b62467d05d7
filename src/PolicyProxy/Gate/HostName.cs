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
}
