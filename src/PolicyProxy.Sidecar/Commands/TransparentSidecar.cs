using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>What <c>sidecar --transparent</c> was asked for. Immutable.</summary>
internal sealed record TransparentRequest
{
    /// <summary>Name of the instance: cgroups and pins are called after it.</summary>
    public required string Instance { get; init; }

    /// <summary>Directory of the workload's cgroup; null = <c>policyproxy/INSTANCE/workload</c>, made if it is not there.</summary>
    public string? WorkloadCgroup { get; init; }

    /// <summary>Directory of the proxy's cgroup; null = <c>policyproxy/INSTANCE/proxy</c>, made if it is not there.</summary>
    public string? ProxyCgroup { get; init; }

    /// <summary>True if the network namespace is the workload's own.</summary>
    public bool IsPod { get; init; }

    /// <summary>True takes the kernel part away at the end; otherwise it stays and refuses what needs the proxy.</summary>
    public bool DetachesOnExit { get; init; }
}

/// <summary>Runs a sidecar to which the kernel redirects, until it is stopped.</summary>
internal static class TransparentSidecar
{
    /// <summary>Starts, runs until SIGTERM, SIGINT or cancellation, and drains.</summary>
    /// <param name="options">The sidecar; it listens nowhere but for redirected connections.</param>
    /// <param name="request">Where it works.</param>
    /// <param name="output">Told how it ended.</param>
    /// <param name="started">Called once the workload is under policy.</param>
    /// <param name="stop">Stops it.</param>
    public static async Task RunAsync(
        SidecarOptions options, TransparentRequest request, CommandOutput output, Action<SidecarServer> started, CancellationToken stop)
    {
        using var signal = new StopSignal(stop);
        try
        {
            var cgroups = Join(request);
            var proxy = await StartAsync(options, request, cgroups, stop).ConfigureAwait(false);
            await using (proxy.ConfigureAwait(false))
            {
                started(proxy.Server);
                proxy.FollowAddresses();
                var isSucceeded = await Task.WhenAny(signal.Stopped, proxy.Server.HandedOver).ConfigureAwait(false) == proxy.Server.HandedOver;
                if (isSucceeded)
                {
                    await proxy.Server.HandedOver.ConfigureAwait(false); // or it could not go on
                }

                await proxy.Server.StopAsync(CancellationToken.None).ConfigureAwait(false);
                if (isSucceeded)
                {
                    return;
                }

                if (request.DetachesOnExit)
                {
                    proxy.Detach();
                }
                else
                {
                    await output.Error.WriteLineAsync(
                        $"policyproxy: stopped; the policy stays in force and what needs the proxy is refused until it runs again: policyproxy detach {request.Instance} ends that")
                        .ConfigureAwait(false);
                }
            }

            if (request.DetachesOnExit)
            {
                cgroups.Leave();
            }
        }
        catch (Exception problem) when (problem is EnforcementException or ShimException)
        {
            throw new CommandFailureException(MachineRequirements.Explain(problem.Message, RequiredFor.Sidecar, output.Error));
        }
    }

    private static async Task<TransparentProxy> StartAsync(SidecarOptions options, TransparentRequest request, SidecarCgroups cgroups, CancellationToken stop)
    {
        try
        {
            return await TransparentProxy.StartAsync(Complete(options, request), Scope(request, cgroups), stop).ConfigureAwait(false);
        }
        catch
        {
            cgroups.Undo();
            throw;
        }
    }

    private static SidecarOptions Complete(SidecarOptions options, TransparentRequest request) => options with
    {
        Listen = [],
        Upstream = null,
        NamesPath = options.NamesPath ?? SidecarOptions.NamesPathOf(request.Instance),
        Transparent = new TransparentOptions { Egress = true, Ingress = request.IsPod },
    };

    private static SidecarCgroups Join(TransparentRequest request)
    {
        if (!Instance.IsName(request.Instance))
        {
            throw new CommandFailureException("--instance is a name without slashes");
        }

        return SidecarCgroups.Join(request.Instance, request.WorkloadCgroup, request.ProxyCgroup);
    }

    private static TransparentScope Scope(TransparentRequest request, SidecarCgroups cgroups) => new()
    {
        WorkloadCgroup = cgroups.Work,
        ProxyCgroup = cgroups.Proxy,
        Instance = request.Instance,
        OwnsNetworkNamespace = request.IsPod,
    };
}
