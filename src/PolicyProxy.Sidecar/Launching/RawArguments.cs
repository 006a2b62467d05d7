using System.Text;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Arguments of this process as the bytes they were given as: an argument need not be UTF-8, and a string would not give it back.</summary>
internal static class RawArguments
{
    /// <summary>The bytes of the last arguments; encoded anew if this process was not called with them.</summary>
    public static IReadOnlyList<byte[]> Last(IReadOnlyList<string> arguments)
    {
        var raw = Split(File.ReadAllBytes("/proc/self/cmdline"));
        if (raw.Count >= arguments.Count)
        {
            var last = raw.GetRange(raw.Count - arguments.Count, arguments.Count);
            if (arguments.Zip(last).All(pair => Encoding.UTF8.GetString(pair.Second) == pair.First))
            {
                return last;
            }
        }

        return [.. arguments.Select(Encoding.UTF8.GetBytes)];
    }

    /// <summary>The arguments between a verb and its command, without a separator; null if this process was not started with that verb.</summary>
    /// <param name="verb">The first argument.</param>
    /// <param name="commandCount">How many of the last ones are the command.</param>
    public static IReadOnlyList<string>? Before(string verb, int commandCount)
    {
        var arguments = System.Environment.GetCommandLineArgs();
        if (arguments.Length < 2 + commandCount || arguments[1] != verb)
        {
            return null;
        }

        var options = arguments[2..^commandCount];
        return options is [.. var rest, "--"] ? rest : options;
    }

    /// <summary>The environment this process was started with, as bytes.</summary>
    public static IReadOnlyList<byte[]> Environment() => Split(File.ReadAllBytes("/proc/self/environ"));

    private static List<byte[]> Split(ReadOnlySpan<byte> text)
    {
        var parts = new List<byte[]>();
        while (text.IndexOf((byte)0) is var end and >= 0)
        {
            parts.Add(text[..end].ToArray());
            text = text[(end + 1)..];
        }

        return parts;
    }
}
