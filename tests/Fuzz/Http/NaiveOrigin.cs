namespace PolicyProxy.Fuzz.Http;

/// <summary>Readings of a path by origins that honour some of five foldings and always remove dot segments that they see as such.</summary>
internal static class NaiveOrigin
{
    /// <summary>How many combinations of foldings there are.</summary>
    public const int Readings = 32;

    /// <summary>True if some origin climbs out of a segment of this path.</summary>
    public static bool Climbs(string path) =>
        Unescape(Unescape(path, "/\\"), ".").Split('/', '\\').Any(segment => segment.Split(';')[0] == "..");

    /// <summary>One reading.</summary>
    /// <param name="path">A path without query.</param>
    /// <param name="honoured">Bits: 1 escaped separators, 2 backslash, 4 escaped dots, 8 parameters, 16 merged slashes.</param>
    public static string Read(string path, int honoured)
    {
        path = (honoured & 1) != 0 ? Unescape(path, "/\\") : path;
        path = (honoured & 2) != 0 ? path.Replace('\\', '/') : path;
        path = (honoured & 4) != 0 ? Unescape(path, ".") : path;
        var output = new List<string>();
        var segments = path[1..].Split('/');
        for (var i = 0; i < segments.Length; i++)
        {
            var segment = (honoured & 8) != 0 ? segments[i].Split(';')[0] : segments[i];
            var isLast = i == segments.Length - 1;
            if (segment == ".." && output.Count > 0)
            {
                output.RemoveAt(output.Count - 1);
            }

            if (segment is "." or "..")
            {
                output.AddRange(isLast ? [""] : Array.Empty<string>());
            }
            else if (segment.Length > 0 || isLast || (honoured & 16) == 0)
            {
                output.Add(segment);
            }
        }

        return "/" + string.Join('/', output);
    }

    /// <summary>True if an escape in the path stands for a dot.</summary>
    public static bool HasEscapedDot(string path) => path.Contains("%2e", StringComparison.OrdinalIgnoreCase);

    private static string Unescape(string path, string characters)
    {
        foreach (var character in characters)
        {
            path = path.Replace($"%{(int)character:X2}", character.ToString(), StringComparison.OrdinalIgnoreCase);
        }

        return path;
    }
}
