using System.Text.Json;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Yaml;

public sealed class MutationTests
{
    private const string Alphabet = "\t\n :-[]{}&*!|>'\"%@`#,?.\\/0aZ~\u0085\uFEFF\uD83D\u0001<=";

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void PolicyYamlReader_mutated_policies_give_objects_or_diagnostics_and_never_throw(int seed)
    {
        var random = new Random(seed);
        var originals = Originals();
        var rejected = 0;
        for (var round = 0; round < 1500; round++)
        {
            var text = originals[random.Next(originals.Count)];
            for (var edits = random.Next(1, 4); edits > 0; edits--)
            {
                text = Mutate(text, random, originals);
            }

            var reading = PolicyYamlReader.Read([("m.yaml", text)], PolicyReadOptions.Default);
            _ = ReadingHarness.Diagnose(text);
            var errors = reading.Diagnostics.Count(static d => d.Severity == DiagnosticSeverity.Error);
            rejected += errors > 0 ? 1 : 0;
            Assert.True(errors > 0 == reading.Items.Any(static i => i.Rejected), $"{string.Join('\n', reading.Diagnostics)}\n{text}");
            Assert.All(reading.Diagnostics, static d => Assert.True(d is { Line: > 0, Column: > 0 } && d.Message.Length > 0));
        }

        Assert.InRange(rejected, 100, 1499);
    }

    private static string Mutate(string text, Random random, List<string> originals)
    {
        var at = random.Next(text.Length + 1);
        var length = Math.Min(random.Next(1, 30), text.Length - at);
        return random.Next(6) switch
        {
            0 => text.Remove(at, length),
            1 => text.Insert(at, Alphabet[random.Next(Alphabet.Length)].ToString()),
            2 => text.Insert(random.Next(text.Length + 1), text.Substring(at, length)),
            3 => text[..at],
            4 => text.Insert(at, "\n---\n"),
            _ => string.Concat(text.AsSpan(0, at), originals[random.Next(originals.Count)].AsSpan(0, 40)),
        };
    }

    private static List<string> Originals()
    {
        var texts = new List<string>();
        foreach (var name in (string[])["http", "knp", "kafka", "icmp", "fqdn", "selectors"])
        {
            foreach (var line in File.ReadLines(RepositoryFiles.PathOf($"tests/Conformance/vectors/{name}.jsonl")).Take(40))
            {
                using var vector = JsonDocument.Parse(line);
                texts.AddRange(vector.RootElement.GetProperty("policies").EnumerateArray().Select(static p => p.GetString()!));
            }
        }

        return texts;
    }
}
