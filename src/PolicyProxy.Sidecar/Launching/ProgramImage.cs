namespace PolicyProxy.Sidecar.Launching;

/// <summary>How to start this very program again. Immutable.</summary>
/// <param name="File">Executable file.</param>
/// <param name="Arguments">What comes before the program's own arguments.</param>
internal sealed record ProgramImage(string File, IReadOnlyList<string> Arguments)
{
    /// <summary>As this process was started: a file of its own, or <c>dotnet PROGRAM.dll</c>.</summary>
    public static ProgramImage Current
    {
        get
        {
            var file = Environment.ProcessPath ?? throw new EnforcementException("cannot find the file of this program below /proc; mount /proc");
            return Path.GetFileNameWithoutExtension(file) == "dotnet"
                ? new ProgramImage(file, [Path.GetFullPath(Environment.GetCommandLineArgs()[0])])
                : new ProgramImage(file, []);
        }
    }
}
