namespace PolicyProxy.Sidecar.Commands;

/// <summary>Where a verb writes, and whether it may colour what people read.</summary>
/// <param name="Out">The answer.</param>
/// <param name="Error">Problems of asking, and progress.</param>
/// <param name="UsesColour">True on a terminal; never for JSON.</param>
internal sealed record CommandOutput(TextWriter Out, TextWriter Error, bool UsesColour)
{
    public string Green(string text) => Paint(text, "32");

    public string Red(string text) => Paint(text, "31");

    public string Yellow(string text) => Paint(text, "33");

    public string Faint(string text) => Paint(text, "2");

    public string Bold(string text) => Paint(text, "1");

    /// <summary>Colours only when standard output is a terminal and NO_COLOR (no-color.org) is not set.</summary>
    public static CommandOutput For(TextWriter output, TextWriter error) => new(
        output,
        error,
        ReferenceEquals(output, Console.Out) && !Console.IsOutputRedirected && string.IsNullOrEmpty(Environment.GetEnvironmentVariable("NO_COLOR")));

    private string Paint(string text, string code) => UsesColour ? $"\u001b[{code}m{text}\u001b[0m" : text;
}
