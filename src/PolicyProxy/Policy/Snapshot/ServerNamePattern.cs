using System.Diagnostics.CodeAnalysis;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>
/// One <c>serverNames</c> entry (semantics 8.1): first folded as Cilium's agent does, then held to the rules of the Envoy filter, which
/// rejects the whole policy update for a pattern it cannot read. Matching ignores case; a server name with a final dot matches nothing.
/// Immutable; matching allocates nothing.
/// </summary>
internal sealed class ServerNamePattern
{
    private ServerNamePattern(LabelPattern labels) => Labels = labels;

    /// <summary>The pattern as the filter sees it, in lower case.</summary>
    public string Text => Labels.Text;

    /// <summary>The pattern without its notation.</summary>
    internal LabelPattern Labels { get; }

    /// <summary>Reads an entry.</summary>
    /// <param name="text">As written. One final dot is dropped; <c>***.</c> at the start is <c>**.</c>; other runs of stars are one star.</param>
    /// <param name="pattern">The pattern; null on failure.</param>
    /// <param name="reason">What makes the filter reject it, a clause for a diagnostic; empty on success.</param>
    public static bool TryParse(string text, [NotNullWhen(true)] out ServerNamePattern? pattern, out string reason)
    {
        var name = (text is [.. var head, '.'] ? head : text).ToLowerInvariant();
        reason = FindFault(name);
        pattern = reason.Length > 0 ? null
            : new ServerNamePattern(name.AsSpan().ContainsAnyExcept('*') ? LabelPattern.Parse(name) : new LabelPattern(LabelPatternKind.AnyName, "*"));
        return pattern is not null;
    }

    /// <summary>True if the server name of a handshake is covered. The empty name, a handshake without one, never is.</summary>
    /// <param name="serverName">As sent.</param>
    public bool Matches(ReadOnlySpan<char> serverName) => !serverName.IsEmpty && Labels.Matches(serverName);

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static string FindFault(string name)
    {
        if (name.Length == 0)
        {
            return "is empty";
        }

        foreach (var part in name.Split('.'))
        {
            if (part.Length == 0)
            {
                return name[^1] == '.' ? "ends with more than one dot" : "has an empty part between dots";
            }

            foreach (var character in part)
            {
                if (character != '*' && !LabelPattern.IsLabelText([character]))
                {
                    return $"has the character '{character}'; allowed are letters, digits, '-', '_', '.' and '*'";
                }
            }
        }

        return "";
    }
}
