using System.Text;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>One line of <c>/proc/self/mountinfo</c> (man 5 proc). Immutable.</summary>
/// <param name="Root">The directory of the file system that is mounted.</param>
/// <param name="Point">Where it is mounted.</param>
/// <param name="FileSystem">Type, for example <c>cgroup2</c>.</param>
internal sealed record MountEntry(string Root, string Point, string FileSystem)
{
    /// <summary>Everything mounted in this thread's mount namespace.</summary>
    public static List<MountEntry> ReadAll() => Parse(File.ReadLines("/proc/thread-self/mountinfo"));

    public static List<MountEntry> Parse(IEnumerable<string> lines)
    {
        var mounts = new List<MountEntry>();
        foreach (var line in lines)
        {
            // 36 35 98:0 /root /point rw,noatime optional... - type source options
            var fields = line.Split(' ');
            var separator = Array.IndexOf(fields, "-", Math.Min(6, fields.Length));
            if (separator > 0 && separator + 1 < fields.Length)
            {
                mounts.Add(new MountEntry(Unescape(fields[3]), Unescape(fields[4]), fields[separator + 1]));
            }
        }

        return mounts;
    }

    // Space, tab, line end and backslash are written as \ and three octal digits.
    private static string Unescape(string text)
    {
        if (!text.Contains('\\', StringComparison.Ordinal))
        {
            return text;
        }

        var plain = new StringBuilder();
        for (var i = 0; i < text.Length; i++)
        {
            if (text[i] == '\\' && i + 3 < text.Length)
            {
                var digits = text.AsSpan(i + 1, 3);
                plain.Append((char)(((digits[0] - '0') * 64) + ((digits[1] - '0') * 8) + (digits[2] - '0')));
                i += 3;
            }
            else
            {
                plain.Append(text[i]);
            }
        }

        return plain.ToString();
    }
}
