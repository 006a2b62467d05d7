using System.Globalization;
using System.Text;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Policy.Sources;

/// <summary>The texts of a policy path at one moment, with what could not be read and the revision of it all.</summary>
internal sealed record PolicyFileContent(
    IReadOnlyList<(string File, string Text)> Texts, IReadOnlyList<PolicyDiagnostic> Diagnostics, string RevisionId)
{
    private static readonly UTF8Encoding s_strictUtf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    /// <summary>Reads everything below <paramref name="path"/>. Unreadable files become diagnostics and count in the revision.</summary>
    public static PolicyFileContent Read(string path, FilePolicySourceOptions options)
    {
        using var revision = new ContentRevision();
        var texts = new List<(string, string)>();
        var diagnostics = new List<PolicyDiagnostic>();
        foreach (var file in ListFiles(path, options, diagnostics))
        {
            if (ReadFile(file, options.Reading, diagnostics) is { } bytes)
            {
                revision.Add(file, bytes);
                AddText(file, bytes, texts, diagnostics);
            }
        }

        foreach (var problem in diagnostics)
        {
            revision.Add(problem.File, Encoding.UTF8.GetBytes(problem.Message));
        }

        return new PolicyFileContent(texts, diagnostics, revision.Finish());
    }

    private static IReadOnlyList<string> ListFiles(string path, FilePolicySourceOptions options, List<PolicyDiagnostic> diagnostics)
    {
        try
        {
            var files = PolicyFileSet.List(path, options.MaxFiles);
            if (files.Count > options.MaxFiles)
            {
                diagnostics.Add(Problem(
                    PolicyDiagnosticIds.LimitExceeded, path, string.Create(CultureInfo.InvariantCulture, $"the directory holds more than {options.MaxFiles} policy files"), "name a smaller directory"));
                return [];
            }

            if (files.Count == 0)
            {
                var empty = Problem(PolicyDiagnosticIds.SourceUnreadable, path, "the directory holds no *.yaml, *.yml or *.json file", "check the path");
                diagnostics.Add(empty with { Severity = DiagnosticSeverity.Warning });
            }

            return files;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(Problem(PolicyDiagnosticIds.SourceUnreadable, path, $"the directory cannot be listed: {e.Message}", "check the permissions"));
            return [];
        }
    }

    private static byte[]? ReadFile(string file, PolicyReadOptions options, List<PolicyDiagnostic> diagnostics)
    {
        try
        {
            // A UTF-16 code unit takes at most three bytes of UTF-8, so a longer file is too long whatever it holds.
            if (new FileInfo(file) is { Exists: true } info && info.Length > 3L * options.MaxTextLength)
            {
                diagnostics.Add(Problem(
                    PolicyDiagnosticIds.LimitExceeded, file, string.Create(CultureInfo.InvariantCulture, $"the file has {info.Length} bytes, at most {options.MaxTextLength} characters are read"), "split the file"));
                return null;
            }

            return File.ReadAllBytes(file);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            diagnostics.Add(Problem(PolicyDiagnosticIds.SourceUnreadable, file, "the file or directory does not exist", "check the path"));
            return null;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            diagnostics.Add(Problem(PolicyDiagnosticIds.SourceUnreadable, file, $"the file cannot be read: {e.Message}", "check the permissions"));
            return null;
        }
    }

    private static void AddText(string file, byte[] bytes, List<(string File, string Text)> texts, List<PolicyDiagnostic> diagnostics)
    {
        try
        {
            texts.Add((file, s_strictUtf8.GetString(bytes)));
        }
        catch (DecoderFallbackException)
        {
            diagnostics.Add(Problem(PolicyDiagnosticIds.InvalidEncoding, file, "the file is not UTF-8", "save the file as UTF-8"));
        }
    }

    private static PolicyDiagnostic Problem(string id, string file, string message, string fix) =>
        new(id, DiagnosticSeverity.Error, message, fix, file, 0, 0);
}
