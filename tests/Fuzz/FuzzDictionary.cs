using System.Globalization;

namespace PolicyProxy.Fuzz;

/// <summary>Reads the tokens of a dictionary of afl-fuzz: <c>name="text"</c>, with <c>\\</c>, <c>\"</c> and <c>\xHH</c>.</summary>
internal static class FuzzDictionary
{
    /// <summary>The tokens of a file in <c>dictionaries</c>.</summary>
    public static IReadOnlyList<byte[]> Read(string file) =>
        [.. File.ReadLines(Path.Combine(AppContext.BaseDirectory, "dictionaries", file)).Where(line => line.Length > 0 && line[0] != '#').Select(Token)];

    private static byte[] Token(string line)
    {
        var start = line.IndexOf('"', StringComparison.Ordinal) + 1;
        var end = line.LastIndexOf('"');
        var token = new List<byte>();
        for (var i = start; i < end; i++)
        {
            if (line[i] != '\\')
            {
                token.Add((byte)line[i]);
            }
            else if (line[++i] == 'x')
            {
                token.Add(byte.Parse(line.AsSpan(i + 1, 2), NumberStyles.HexNumber, CultureInfo.InvariantCulture));
                i += 2;
            }
            else
            {
                token.Add((byte)line[i]);
            }
        }

        return [.. token];
    }
}
