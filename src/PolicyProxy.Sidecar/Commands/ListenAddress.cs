using System.Globalization;
using System.Net;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Reads addresses of the command line.</summary>
internal static class ListenAddress
{
    /// <summary>Reads <c>127.0.0.1:8080</c>, <c>[::1]:8080</c>, <c>:8080</c> (every IPv4 address) or <c>8080</c> (loopback).</summary>
    /// <exception cref="CommandFailureException">It is none of these.</exception>
    public static IPEndPoint Parse(string text)
    {
        if (ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port))
        {
            return new IPEndPoint(IPAddress.Loopback, port);
        }

        if (text.StartsWith(':') && ushort.TryParse(text.AsSpan(1), NumberStyles.None, CultureInfo.InvariantCulture, out port))
        {
            return new IPEndPoint(IPAddress.Any, port);
        }

        var normalized = text.Replace("localhost:", "127.0.0.1:", StringComparison.OrdinalIgnoreCase);
        // IPEndPoint.TryParse takes a bare address too, with port 0: nobody means that.
        return normalized.Contains(':', StringComparison.Ordinal) && IPEndPoint.TryParse(normalized, out var address) && HasPort(normalized)
            ? address
            : throw new CommandFailureException($"\"{text}\" is not an address to listen on: write 127.0.0.1:8080, [::1]:8080, :8080 or 8080");
    }

    /// <summary>Reads where requests go: <c>host:port</c> or <c>http://host:port</c>.</summary>
    /// <exception cref="CommandFailureException">It is neither.</exception>
    public static Uri ParseUpstream(string text)
    {
        var url = text.Contains("://", StringComparison.Ordinal) ? text : "http://" + text;
        return Uri.TryCreate(url, UriKind.Absolute, out var upstream)
            && upstream is { Scheme: "http", Host.Length: > 0, PathAndQuery: "/", UserInfo.Length: 0 }
            ? upstream
            : throw new CommandFailureException($"\"{text}\" is not an upstream: write host:port or http://host:port");
    }

    private static bool HasPort(string text) =>
        text.StartsWith('[') ? text.Contains("]:", StringComparison.Ordinal) : text.Count(c => c == ':') == 1;
}
