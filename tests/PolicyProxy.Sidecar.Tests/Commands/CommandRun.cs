using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Tests.Commands;

/// <summary>What one command line printed and returned.</summary>
internal sealed record CommandRun(int ExitCode, string Out, string Error)
{
    public static CommandRun Of(params string[] args)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = PolicyProxyCommandLine.Invoke(args, output, error);
        return new CommandRun(exitCode, output.ToString(), error.ToString());
    }
}
