namespace PolicyProxy.Policy.Yaml;

/// <summary>
/// Reads YAML (or JSON) texts into the policy model. Total: whatever the texts contain, the result is objects and diagnostics, all problems of
/// all texts at once. Nothing is validated beyond types and field names. Thread-safe.
/// </summary>
internal static class PolicyYamlReader
{
    /// <summary>Reads several texts as one input. A rejected object has no effect; all others are read.</summary>
    public static PolicyReading Read(IEnumerable<(string File, string Text)> texts, PolicyReadOptions options)
    {
        var diagnostics = new List<PolicyDiagnostic>();
        var collector = new ObjectCollector(options, diagnostics);
        foreach (var (file, text) in texts)
        {
            foreach (var document in YamlStreamParser.Parse(file, text, options, diagnostics))
            {
                collector.Add(document);
            }
        }

        return new PolicyReading(collector.Build(), diagnostics, collector.Items);
    }
}
