using System.Globalization;
using System.Text;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>The paths that servers and applications make of one request-target, from the most literal to the most obliging.</summary>
internal static class TargetReadings
{
    public static IReadOnlyList<string> Of(string target)
    {
        var raw = PathOf(target);
        var once = Decode(raw);
        var twice = Decode(once);
        return
        [
            raw,
            RemoveDots(raw, merges: false),
            RemoveDots(raw, merges: true),
            RemoveDots(StripParameters(raw), merges: true),
            RemoveDots(once, merges: false),
            RemoveDots(once, merges: true),
            RemoveDots(StripParameters(once), merges: true),
            RemoveDots(Decode(StripParameters(raw)), merges: true),
            RemoveDots(Decode(RemoveDots(raw, merges: true)), merges: true),
            RemoveDots(twice, merges: true),
            RemoveDots(StripParameters(twice), merges: true),
            RemoveDots(Shorten(twice), merges: true),
            RemoveDots(raw.Replace('\\', '/'), merges: true),
            RemoveDots(twice.Replace('\\', '/'), merges: true),
            RemoveDots(StripParameters(twice.Replace('\\', '/')), merges: true),
            RemoveDots(twice.Split('\0')[0], merges: true),
            RemoveDots(raw.Split('#')[0], merges: true),
        ];
    }

    private static string PathOf(string target)
    {
        var authority = target.StartsWith('/') ? -1 : target.IndexOf("://", StringComparison.Ordinal);
        if (authority >= 0)
        {
            var path = target.IndexOf('/', authority + 3);
            target = path < 0 ? "/" : target[path..];
        }

        return target.Split('?')[0];
    }

    private static string Decode(string text)
    {
        var decoded = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '%' && i + 2 < text.Length
                && byte.TryParse(text.AsSpan(i + 1, 2), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var octet))
            {
                decoded.Append((char)octet);
                i += 2;
            }
            else
            {
                decoded.Append(text[i]);
            }
        }

        return decoded.ToString();
    }

    // Overlong UTF-8: what decoders took for a dot and a slash before they were repaired
    private static string Shorten(string text) => text
        .Replace("\xC0\xAE", ".", StringComparison.Ordinal).Replace("\xC0\xAF", "/", StringComparison.Ordinal)
        .Replace("\xE0\x80\xAE", ".", StringComparison.Ordinal).Replace("\xE0\x80\xAF", "/", StringComparison.Ordinal);

    private static string StripParameters(string path) => string.Join('/', path.Split('/').Select(static segment => segment.Split(';')[0]));

    private static string RemoveDots(string path, bool merges)
    {
        var kept = new List<string>();
        var segments = path.Split('/');
        for (var i = 1; i < segments.Length; i++)
        {
            var isLast = i == segments.Length - 1;
            if (segments[i] is ".." && kept.Count > 0)
            {
                kept.RemoveAt(kept.Count - 1);
            }
            else if (segments[i] is not ("." or "..") && (segments[i].Length > 0 || isLast || !merges))
            {
                kept.Add(segments[i]);
            }

            if (isLast && segments[i] is "." or "..")
            {
                kept.Add(string.Empty);
            }
        }

        return "/" + string.Join('/', kept);
    }
}
