namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Shows the line of YAML a rule stands in.</summary>
internal static class SourceLine
{
    /// <summary>The 1-based line without its end; null when the file is gone or shorter.</summary>
    public static string? Read(string file, int line)
    {
        try
        {
            return line > 0 && File.Exists(file) ? File.ReadLines(file).ElementAtOrDefault(line - 1)?.TrimEnd() : null;
        }
        catch (IOException)
        {
            // The answer stands without the quotation.
            return null;
        }
    }
}
