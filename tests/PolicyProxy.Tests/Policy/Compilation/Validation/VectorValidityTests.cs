using System.Text.Json;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Tests.Policy.Compilation.Validation;

public sealed class VectorValidityTests
{
    private static readonly string s_directory = RepositoryFiles.PathOf("tests/Conformance/vectors");

    public static TheoryData<string> Categories() =>
        [.. Directory.GetFiles(s_directory, "*.jsonl").Select(static f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Categories))]
    public void PolicyValidator_every_vector_is_accepted_or_rejected_as_expected(string category)
    {
        var wrong = new List<string>();
        var count = 0;
        foreach (var line in File.ReadLines(Path.Combine(s_directory, category + ".jsonl")))
        {
            using var vector = JsonDocument.Parse(line);
            count++;
            if (Check(vector.RootElement) is { } problem)
            {
                wrong.Add(problem);
            }
        }

        Assert.True(count > 0);
        Assert.True(wrong.Count == 0, string.Join('\n', wrong));
    }

    private static string? Check(JsonElement vector)
    {
        var policies = vector.GetProperty("policies").EnumerateArray().Select(static (p, i) => ($"policies[{i}]", p.GetString()!)).ToList();
        var reading = PolicyYamlReader.Read(policies, ReadingHarness.Pruning);
        var diagnostics = reading.Diagnostics.ToList();
        var rejected = reading.Items.Where(static i => i.Rejected).Select(static i => (i.Index, "decode")).ToList();
        foreach (var document in reading.Objects.Policies)
        {
            if (!PolicyValidator.Validate(document, PolicyValidationOptions.Default, diagnostics))
            {
                rejected.Add((document.ObjectIndex, "validate"));
            }
        }

        foreach (var group in reading.Objects.CidrGroups)
        {
            PolicyValidator.Validate(group, PolicyValidationOptions.Default, diagnostics);
        }

        var expect = vector.GetProperty("expect");
        var valid = !diagnostics.Exists(static d => d.Severity == DiagnosticSeverity.Error);
        var expected = expect.TryGetProperty("rejected", out var list)
            ? list.EnumerateArray().Select(static r => (r.GetProperty("index").GetInt32(), r.GetProperty("stage").GetString()!)).ToList()
            : [];
        return valid == expect.GetProperty("valid").GetBoolean() && rejected.Order().SequenceEqual(expected.Order())
            ? null
            : $"{vector.GetProperty("id").GetString()}: {string.Join("; ", diagnostics)}";
    }
}
