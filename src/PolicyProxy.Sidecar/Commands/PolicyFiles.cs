using Microsoft.Extensions.Primitives;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>What <c>--policy</c>, <c>--inventory</c> and the paths of <c>check</c> hold, read once. Immutable.</summary>
/// <param name="Input">Policies and inventory as one input.</param>
/// <param name="Files">Each file, directories expanded.</param>
internal sealed record PolicyFiles(PolicyInput Input, IReadOnlyList<string> Files)
{
    public PolicyObjects Objects => Input.Objects;

    /// <summary>Reads files and directories. What is wrong inside a file is a diagnostic of the input.</summary>
    /// <exception cref="CommandFailureException">A path does not exist, or has no policy file.</exception>
    public static PolicyFiles Read(params IEnumerable<string> paths)
    {
        var options = new FilePolicySourceOptions();
        var texts = new List<(string File, string Text)>();
        var diagnostics = new List<PolicyDiagnostic>();
        var files = new List<string>();
        foreach (var path in paths.Distinct(StringComparer.Ordinal))
        {
            files.AddRange(List(path, options));
            var content = PolicyFileContent.Read(path, options);
            texts.AddRange(content.Texts);
            diagnostics.AddRange(content.Diagnostics);
        }

        // One reading of everything: objects of one file may refer to those of another.
        var reading = PolicyYamlReader.Read(texts, options.Reading);
        var never = new CancellationChangeToken(CancellationToken.None);
        return new PolicyFiles(new PolicyInput(reading.Objects, [.. diagnostics, .. reading.Diagnostics], string.Empty, never), files);
    }

    /// <summary>Turns a failed compilation into a refusal that lists the errors on <paramref name="output"/>'s error stream.</summary>
    public static void ThrowIfRefused(PolicyCompilation compilation, CommandOutput output)
    {
        if (compilation.Succeeded)
        {
            return;
        }

        var errors = compilation.Diagnostics.Where(d => d.Severity == DiagnosticSeverity.Error).ToList();
        foreach (var error in errors)
        {
            output.Error.WriteLine(error);
        }

        throw new CommandFailureException(errors.Count == 1 ? "the policies have an error" : $"the policies have {errors.Count} errors");
    }

    private static IReadOnlyList<string> List(string path, FilePolicySourceOptions options)
    {
        if (!File.Exists(path) && !Directory.Exists(path))
        {
            throw new CommandFailureException($"cannot read {path}: no such file or directory");
        }

        var files = PolicyFileSet.List(path, options.MaxFiles);
        return files.Count > 0 ? files : throw new CommandFailureException($"{path} holds no *.yaml, *.yml or *.json file");
    }
}
