using System.Text;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>The environment variables that tell programs of a proxy.</summary>
internal static class ProxyVariables
{
    // curl asks ALL_PROXY for every protocol that has no variable of its own. Upper case is for those who do not read lower case.
    private static readonly string[] s_set = ["http_proxy", "https_proxy", "all_proxy"];

    // Exceptions, and proxies for single protocols, which would lead around this one.
    private static readonly string[] s_cleared = [.. s_set, "no_proxy", "ftp_proxy", "ws_proxy", "wss_proxy"];

    /// <summary>An environment in which this proxy is the only one spoken of.</summary>
    /// <param name="variables"><c>NAME=VALUE</c> each, as bytes: they need not be UTF-8.</param>
    /// <param name="proxy">Address of the proxy.</param>
    public static IReadOnlyList<byte[]> Set(IReadOnlyList<byte[]> variables, Uri proxy)
    {
        var address = proxy.GetLeftPart(UriPartial.Authority);
        return
        [
            .. variables.Where(static variable => !s_cleared.Contains(Name(variable), StringComparer.OrdinalIgnoreCase)),
            .. s_set.SelectMany(name => new[] { name, name.ToUpperInvariant() }).Select(name => Encoding.ASCII.GetBytes($"{name}={address}")),

            // Node.js reads the others if told to, from version 22.21 on.
            "NODE_USE_ENV_PROXY=1"u8.ToArray(),
        ];
    }

    private static string Name(ReadOnlySpan<byte> variable) =>
        Encoding.Latin1.GetString(variable.IndexOf((byte)'=') is >= 0 and var end ? variable[..end] : variable);
}
