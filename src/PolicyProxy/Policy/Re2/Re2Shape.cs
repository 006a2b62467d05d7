using System.Text;

namespace PolicyProxy.Policy.Re2;

/// <summary>Recognises trees that need no automaton, and removes what a full match implies.</summary>
internal static class Re2Shape
{
    /// <summary>The tree without <c>^</c> at its start and <c>$</c> at its end: in a full match they always hold there.</summary>
    public static Re2Node StripAnchors(Re2Node root) => Strip(Strip(root, atStart: true), atStart: false);

    /// <summary>The only string the tree matches, or null.</summary>
    public static string? FindLiteral(Re2Node root)
    {
        var text = new StringBuilder();
        return TryAppendLiteral(root, text) ? text.ToString() : null;
    }

    /// <summary>The prefix of a tree that is a literal followed by <c>.*</c>, or null.</summary>
    public static string? FindLiteralPrefix(Re2Node root)
    {
        var text = new StringBuilder();
        return TryAppendPrefix(root, text) ? text.ToString() : null;
    }

    private static Re2Node Strip(Re2Node node, bool atStart)
    {
        var redundant = atStart ? Re2Assertion.BeginText | Re2Assertion.BeginLine : Re2Assertion.EndText | Re2Assertion.EndLine;
        switch (node.Kind)
        {
            case Re2NodeKind.Assertion when (redundant & (Re2Assertion)node.Value) != 0:
                return Re2Node.Empty;
            case Re2NodeKind.Group:
                return Strip(node.Parts[0], atStart);
            case Re2NodeKind.Alternate:
                return Re2Node.Alternate([.. node.Parts.Select(part => Strip(part, atStart))]);
            case Re2NodeKind.Concat:
                var parts = new List<Re2Node>(node.Parts);
                while (parts.Count > 0)
                {
                    var at = atStart ? 0 : parts.Count - 1;
                    var stripped = Strip(parts[at], atStart);
                    if (stripped.Kind != Re2NodeKind.Empty)
                    {
                        parts[at] = stripped;
                        break;
                    }

                    parts.RemoveAt(at);
                }

                return Re2Node.Concat(parts);
            default:
                return node;
        }
    }

    private static bool TryAppendLiteral(Re2Node node, StringBuilder text)
    {
        switch (node.Kind)
        {
            case Re2NodeKind.Empty:
                return true;
            case Re2NodeKind.Literal when Rune.IsValid(node.Value):
                text.Append(new Rune(node.Value));
                return true;
            case Re2NodeKind.Group or Re2NodeKind.Concat:
                foreach (var part in node.Parts)
                {
                    if (!TryAppendLiteral(part, text))
                    {
                        return false;
                    }
                }

                return true;
            default:
                return false;
        }
    }

    private static bool TryAppendPrefix(Re2Node node, StringBuilder text)
    {
        if (node.Kind == Re2NodeKind.Repeat)
        {
            var inner = node.Parts[0];
            return node is { Value: 0, Max: Re2Node.Unbounded } && inner.Kind == Re2NodeKind.Class &&
                inner.Ranges is [0, '\n' - 1, '\n' + 1, CodePointSet.Last];
        }

        if (node.Kind is not (Re2NodeKind.Group or Re2NodeKind.Concat))
        {
            return false;
        }

        foreach (var part in node.Parts.AsSpan(0, node.Parts.Length - 1))
        {
            if (!TryAppendLiteral(part, text))
            {
                return false;
            }
        }

        return TryAppendPrefix(node.Parts[^1], text);
    }
}
