using System.Text;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>An attack, or a request that looks like one: bytes of one client connection and what may come of them.</summary>
internal sealed record BypassCase
{
    /// <summary>Host that the policy allows.</summary>
    public const string Host = "api.example";

    /// <summary>A request that stands where no request is. Whoever sees it has read the bytes in another way; its path is allowed.</summary>
    public const string Smuggled = "GET /public/smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n";

    /// <summary>As <see cref="Smuggled"/>, with a path that is forbidden too.</summary>
    public const string SmuggledAdmin = "GET /admin/smuggled HTTP/1.1\r\nHost: api.example\r\n\r\n";

    /// <summary>A request that is allowed.</summary>
    public const string Allowed = "GET /public/allowed HTTP/1.1\r\nHost: api.example\r\n\r\n";

    public required string Name { get; init; }

    /// <summary>Identifier of the advisory that taught this shape; empty if none did.</summary>
    public string Advisory { get; init; } = string.Empty;

    /// <summary>What is sent, one byte per character. Before each step but the first, a response is awaited.</summary>
    public required IReadOnlyList<string> Steps { get; init; }

    /// <summary>Most requests of this connection that may reach the origin.</summary>
    public int Reach { get; init; }

    public override string ToString() => $"{Name}: {string.Join(" … ", Steps.Select(Show))}";

    /// <summary>Text with its invisible characters escaped, cut to a readable length.</summary>
    public static string Show(string text)
    {
        var shown = new StringBuilder();
        foreach (var character in text.Length > 400 ? text[..400] : text)
        {
            shown.Append(character switch
            {
                '\r' => "\\r",
                '\n' => "\\n",
                '\t' => "\\t",
                < ' ' or > '~' => $"\\x{(int)character:X2}",
                _ => character.ToString(),
            });
        }

        return shown.ToString();
    }
}
