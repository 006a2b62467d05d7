using System.Globalization;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>What came of one attempt.</summary>
/// <param name="Port">Its own port.</param>
/// <param name="Outcome">The error's name, or what the attempt said.</param>
internal sealed record Attempted(int Port, string Outcome);

/// <summary>Reads what the attempts print.</summary>
internal static class Attempts
{
    public static IReadOnlyDictionary<string, Attempted> Read(string output)
    {
        var attempts = new Dictionary<string, Attempted>(StringComparer.Ordinal);
        foreach (var line in output.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            Assert.True(line.Split('\t') is [_, _, _], $"not the line of an attempt: {line}");
            var words = line.Split('\t');
            attempts.Add(words[0], new Attempted(int.Parse(words[1], CultureInfo.InvariantCulture), words[2]));
        }

        return attempts;
    }
}
