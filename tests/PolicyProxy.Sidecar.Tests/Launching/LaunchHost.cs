using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>
/// The entry point of this assembly: the real command line, whose <c>run</c> does everything but load programs into the kernel. Tests of signals,
/// terminals and clean-up start it as a process of its own.
/// </summary>
internal static class LaunchHost
{
    public static string File => Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.Tests.dll");

    public static Task<int> Main(string[] args) => PolicyProxyCommandLine.InvokeAsync(
        args,
        BareOutput.Standard,
        BareOutput.Error,
        CancellationToken.None,
        _ => new LaunchOnly(),
        new ProgramImage(Environment.ProcessPath!, [ConfinedRun.Program]));

    private sealed class LaunchOnly : IEnforcement
    {
        public Task StartAsync(CgroupScope scope, CancellationToken cancellationToken) => Task.CompletedTask;

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }
}
