using System.CommandLine;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>A verb of the command line with what its help shows besides the options.</summary>
internal sealed class Verb(string name, string description) : Command(name, description)
{
    /// <summary>Lines to copy; the text between two lines explains the next one.</summary>
    public IReadOnlyList<string> Examples { get; init; } = [];

    /// <summary>What 0, 1 and 2 mean here.</summary>
    public string ExitCodes { get; init; } = string.Empty;
}
