using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Launching.Confining;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// One run in the weaker mode that needs no rights: the command is told of a proxy that policy holds, and may go around it. Not an
/// <see cref="IEnforcement"/>, because it enforces nothing on a command that does not cooperate.
/// </summary>
/// <param name="options">What to judge by.</param>
/// <param name="program">How to start this program again.</param>
/// <param name="messages">Receives what the user should know, a line each.</param>
internal sealed class CooperativeSession(RunOptions options, ProgramImage program, TextWriter messages)
{
    /// <summary>Runs a command and gives its exit code.</summary>
    /// <param name="command">Program and arguments.</param>
    /// <param name="user"><c>NAME</c> or <c>UID[:GID]</c>; null = the user of this process.</param>
    /// <param name="stop">Sends SIGTERM to the command.</param>
    /// <exception cref="EnforcementException">The command did not start.</exception>
    /// <exception cref="SidecarStartException">The policies are bad, or there is no port to listen on.</exception>
    public async Task<int> RunAsync(IReadOnlyList<string> command, string? user, CancellationToken stop)
    {
        var server = await SidecarServer.StartAsync(Sidecar(), stop).ConfigureAwait(false);
        await using (server.ConfigureAwait(false))
        {
            // Connections to this machine are to the host entity, as where the kernel enforces.
            server.Services.GetRequiredService<PolicyEngine>().Identities.SetLocalAddresses(LocalNetwork.Addresses());
            var proxy = new Uri($"http://{server.ProxyAddresses[0]}");
            await messages.WriteLineAsync(
                $"policyproxy: --mode proxy is cooperative and enforces nothing by itself: the command is told of the proxy {proxy.Authority} and may go around it; no self-probe was made").ConfigureAwait(false);
            var order = new CommandOrder { WorkCgroup = null, User = user, Command = RawArguments.Last(command) };
            var launcher = new Launcher(order, program, ProxyVariables.Set(options.Variables ?? RawArguments.Environment(), proxy));
            await using (launcher.ConfigureAwait(false))
            {
                return await launcher.RunAsync(stop).ConfigureAwait(false);
            }
        }
    }

    private SidecarOptions Sidecar() => new()
    {
        PolicyPaths = options.PolicyPaths,
        InventoryPaths = options.InventoryPaths,
        Labels = options.Labels,
        Audit = options.Audit,
        FqdnBinding = options.FqdnBinding,
        CiliumCompatible = options.CiliumCompatible,
        Kafka = options.Kafka,
        Decryption = options.Decryption,
        ServesNamedDestinations = true,
        Configure = builder =>
        {
            foreach (var observer in options.Observers)
            {
                builder.Services.AddSingleton<IFlowObserver>(observer);
            }
        },
    };
}
