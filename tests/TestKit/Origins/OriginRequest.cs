using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PolicyProxy.TestKit.Origins;

/// <summary>One request as an origin understood it. Texts hold one byte per character.</summary>
internal sealed record OriginRequest
{
    /// <summary>Name of the response field that carries <see cref="ToSeen"/>.</summary>
    public const string SeenField = "X-Seen";

    /// <summary>Most bytes of <see cref="Fields"/> that are reported; longer heads are cut there.</summary>
    public const int MaxFieldBytes = 4_096;

    private const int Parts = 8;

    /// <summary>Source port of the connection, which tells connections apart.</summary>
    public required int ClientPort { get; init; }

    public required string Method { get; init; }

    /// <summary>Request-target as received. Absolute form is left as it is by some origins, cut to its path by others.</summary>
    public required string Target { get; init; }

    /// <summary>Path by which the origin, or an application on it, finds what to run: decoded and normalised in the origin's own way.</summary>
    public required string Path { get; init; }

    /// <summary>Value of the Host field; empty if there is none.</summary>
    public required string Host { get; init; }

    /// <summary>Length of the content in bytes, chunk framing not counted.</summary>
    public required long BodyBytes { get; init; }

    /// <summary>What <see cref="Digest"/> gives for the content.</summary>
    public required string BodyDigest { get; init; }

    /// <summary>Field lines as the origin keeps them, names in lower case, a CRLF behind each. Origins behind FastCGI turn <c>_</c> into <c>-</c>.</summary>
    public string Fields { get; init; } = string.Empty;

    /// <summary>Digest of a body: the first 8 bytes of its SHA-256, in hexadecimal.</summary>
    public static string Digest(ReadOnlySpan<byte> body) => Convert.ToHexString(SHA256.HashData(body), 0, 8);

    /// <summary>Reads what <see cref="ToSeen"/> wrote, or an origin in another language in the same form.</summary>
    public static OriginRequest Parse(string seen)
    {
        var parts = seen.Split('.');
        if (parts.Length != Parts)
        {
            throw new FormatException($"not a report of an origin: {seen}");
        }

        return new OriginRequest
        {
            ClientPort = int.Parse(parts[0], CultureInfo.InvariantCulture),
            Method = Text(parts[1]),
            Target = Text(parts[2]),
            Path = Text(parts[3]),
            Host = Text(parts[4]),
            BodyBytes = long.Parse(parts[5], CultureInfo.InvariantCulture),
            BodyDigest = parts[6].ToUpperInvariant(),
            Fields = Text(parts[7]),
        };
    }

    /// <summary>The request in one line of hexadecimal numbers and dots, the same for all origins.</summary>
    public string ToSeen() => string.Join(
        '.',
        ClientPort.ToString(CultureInfo.InvariantCulture),
        Hex(Method),
        Hex(Target),
        Hex(Path),
        Hex(Host),
        BodyBytes.ToString(CultureInfo.InvariantCulture),
        BodyDigest,
        Hex(Fields.Length > MaxFieldBytes ? Fields[..MaxFieldBytes] : Fields));

    /// <summary>Values of all field lines with this name, in order.</summary>
    public IReadOnlyList<string> Values(string name) =>
        [.. Fields.Split("\r\n")
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim(' ', '\t'))];

    public override string ToString() => $"{Method} {Target} (path {Path}, host {Host}, {BodyBytes} bytes)";

    private static string Hex(string text) => Convert.ToHexString(Encoding.Latin1.GetBytes(text));

    private static string Text(string hex) => Encoding.Latin1.GetString(Convert.FromHexString(hex));
}
