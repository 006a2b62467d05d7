using System.Globalization;
using System.Text;

namespace PolicyProxy.Fuzz.Http;

/// <summary>The canonical form of a valid target, step by step on whole strings: decode, cut at slashes, drop parameters, resolve dots.</summary>
internal static class NaiveFolding
{
    /// <summary>Folds a target that <see cref="Protocols.Http.UrlPath"/> does not call Invalid.</summary>
    public static string Of(string target)
    {
        var path = PathOf(target);
        var segments = Decode(path).Replace('\\', '/')[1..].Split('/').Select(segment => segment.Split(';')[0]).ToList();
        var output = new List<string>();
        foreach (var segment in segments.Where(segment => segment is not ("" or ".")))
        {
            if (segment != "..")
            {
                output.Add(segment);
            }
            else if (output.Count > 0)
            {
                output.RemoveAt(output.Count - 1);
            }
        }

        var endsInSlash = output.Count > 0 && segments[^1] is ("" or "." or "..");
        return "/" + string.Join('/', output) + (endsInSlash ? "/" : "") + target[path.Length..];
    }

    /// <summary>The target without its query.</summary>
    public static string PathOf(string target) => target.Split('?')[0];

    /// <summary>Unreserved characters, slash and backslash as themselves; other escapes in upper case.</summary>
    public static string Decode(string path)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < path.Length; i++)
        {
            if (path[i] != '%')
            {
                decoded.Append(path[i]);
                continue;
            }

            var value = (char)byte.Parse(path.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            var isDecoded = char.IsAsciiLetterOrDigit(value) || value is '-' or '.' or '_' or '~' or '/' or '\\';
            decoded.Append(isDecoded ? value.ToString() : path.Substring(i, 3).ToUpperInvariant());
            i += 2;
        }

        return decoded.ToString();
    }
}
