namespace PolicyProxy.Conformance;

/// <summary>Runs every vector of a directory and prints the score.</summary>
internal sealed class ConformanceRun(IVectorSubject subject, string? manifests, TextWriter output)
{
    /// <summary>True if there were vectors and all of them agreed.</summary>
    public bool Run(string directory)
    {
        var total = new SortedDictionary<string, int>(StringComparer.Ordinal);
        var passed = new Dictionary<string, int>(StringComparer.Ordinal);
        List<string> failures = [];
        foreach (var vector in VectorReader.ReadDirectory(directory))
        {
            total[vector.Category] = total.GetValueOrDefault(vector.Category) + 1;
            if (Difference(vector) is { } difference)
            {
                failures.Add($"{vector.Id}: {difference}");
            }
            else
            {
                passed[vector.Category] = passed.GetValueOrDefault(vector.Category) + 1;
            }
        }

        foreach (var (category, count) in total)
        {
            output.WriteLine($"{category} {passed.GetValueOrDefault(category)}/{count}");
        }

        failures.ForEach(output.WriteLine);
        output.WriteLine(total.Count == 0 ? $"no vectors in {directory}" : $"total {passed.Values.Sum()}/{total.Values.Sum()}");
        return total.Count > 0 && failures.Count == 0;
    }

    private string? Difference(Vector vector)
    {
        try
        {
            return VectorComparison.Differences(vector.Expect, subject.Evaluate(vector, Texts(vector)));
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // a vector that breaks the subject fails by itself; the run goes on
            return $"{exception.GetType().Name}: {exception.Message.ReplaceLineEndings(" ")}";
        }
    }

    private IReadOnlyList<string> Texts(Vector vector)
    {
        if (vector.Manifest is not { } name)
        {
            return vector.Policies;
        }

        return manifests is null
            ? throw new InvalidOperationException("needs --manifests")
            : Manifest.Documents(File.ReadAllText(Path.Combine(manifests, name)));
    }
}
