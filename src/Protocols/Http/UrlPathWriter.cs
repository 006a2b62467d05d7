namespace PolicyProxy.Protocols.Http;

/// <summary>Writes canonical targets; the input has passed <see cref="UrlPathInspection"/>.</summary>
internal static class UrlPathWriter
{
    /// <summary>Folds the path segment by segment and copies the query. The destination is at least as long as the target.</summary>
    public static int Write(ReadOnlySpan<char> target, Span<char> destination, UrlPathOptions options)
    {
        var query = target.IndexOf('?');
        var path = query < 0 ? target : target[..query];
        var written = WritePath(path, destination, options);
        var rest = target[path.Length..];
        rest.CopyTo(destination[written..]);
        return written + rest.Length;
    }

    private static int WritePath(ReadOnlySpan<char> path, Span<char> destination, UrlPathOptions options)
    {
        destination[0] = '/';
        var written = 1;
        var segment = 1;
        var inParameters = false;
        for (var i = 1; ;)
        {
            var atEnd = i >= path.Length;
            var unit = atEnd ? default : UrlPathUnit.Read(path, i);
            i += unit.Length;
            if (!atEnd && !EndsSegment(unit, options))
            {
                inParameters |= unit is { Kind: UrlPathUnitKind.Literal, Value: ';' } && (options & UrlPathOptions.KeepParameters) == 0;
                written += inParameters ? 0 : WriteUnit(unit, destination[written..]);
                continue;
            }

            written = EndSegment(destination, segment, written, separatorFollows: !atEnd, options);
            if (atEnd)
            {
                return written;
            }

            segment = written;
            inParameters = false;
        }
    }

    // RFC 3986 §5.2.4 on the decoded segment; a dot segment at the end leaves its slash
    private static int EndSegment(Span<char> destination, int segment, int written, bool separatorFollows, UrlPathOptions options)
    {
        switch (destination[segment..written])
        {
            case ".":
                return segment;
            case "..":
                return segment == 1 ? 1 : destination[..(segment - 1)].LastIndexOf('/') + 1;
            case "" when (options & UrlPathOptions.KeepDuplicateSlashes) == 0:
                return written;
        }

        if (separatorFollows)
        {
            destination[written++] = '/';
        }

        return written;
    }

    private static bool EndsSegment(UrlPathUnit unit, UrlPathOptions options) =>
        unit.IsSeparator && !(unit.Kind == UrlPathUnitKind.EscapedSlash && (options & UrlPathOptions.KeepEscapedSlashes) != 0);

    private static int WriteUnit(UrlPathUnit unit, Span<char> destination)
    {
        if (unit.Kind is UrlPathUnitKind.Literal or UrlPathUnitKind.Decoded)
        {
            destination[0] = unit.Value;
            return 1;
        }

        destination[0] = '%';
        destination[1] = UpperHex(unit.Value >> 4);
        destination[2] = UpperHex(unit.Value & 0xF);
        return 3;
    }

    private static char UpperHex(int value) => (char)(value < 10 ? '0' + value : 'A' + value - 10);
}
