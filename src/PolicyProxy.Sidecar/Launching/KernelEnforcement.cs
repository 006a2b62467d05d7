using PolicyProxy.Flows;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Holds a command to policy with the shim and a relay in this process; both end with the run.</summary>
internal sealed class KernelEnforcement(RunOptions options) : IEnforcement
{
    private TransparentProxy? _proxy;

    public async Task StartAsync(CgroupScope scope, CancellationToken cancellationToken)
    {
        try
        {
            _proxy = await TransparentProxy.StartAsync(Sidecar(), Scope(scope), cancellationToken).ConfigureAwait(false);
        }
        catch (ShimException problem)
        {
            throw new EnforcementException($"{problem.Message}; policyproxy doctor --for run lists what this machine lacks", problem);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_proxy is not { } proxy)
        {
            return;
        }

        _proxy = null;
        options.OnAllowedByKernel?.Invoke(proxy.Shim.Read(ShimCounter.Allowed));
        proxy.Detach(); // the command and all it started are gone
        await proxy.DisposeAsync().ConfigureAwait(false);
    }

    private TransparentScope Scope(CgroupScope scope) => new()
    {
        WorkloadCgroup = scope.Work.Path,
        ProxyCgroup = scope.Proxy.Path,
        Instance = scope.Instance,
        Enter = scope.Enter,
        Leave = scope.Leave,
        TellsAllowed = options.OnAllowedByKernel is null,
    };

    private SidecarOptions Sidecar() => new()
    {
        PolicyPaths = options.PolicyPaths,
        InventoryPaths = options.InventoryPaths,
        Labels = options.Labels,
        Audit = options.Audit,
        FqdnBinding = options.FqdnBinding,
        Listen = [],
        Upstream = null,
        Transparent = new TransparentOptions { Egress = true },
        Configure = Observe,
    };

    private void Observe(IPolicyProxyBuilder builder)
    {
        if (options.ImplicitPolicy is { } yaml)
        {
            builder.FromText(yaml);
        }

        foreach (var observer in options.Observers)
        {
            builder.Services.AddSingleton<IFlowObserver>(observer);
        }
    }
}
