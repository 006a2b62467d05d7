using PolicyProxy.Flows;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Holds a command to policy with the shim and a relay in this process; both end with the run.</summary>
internal sealed class KernelEnforcement(RunOptions options) : IEnforcement
{
    private TransparentProxy? _proxy;
    private string? _names;

    public async Task StartAsync(CgroupScope scope, CancellationToken cancellationToken)
    {
        try
        {
            _names = SidecarOptions.NamesPathOf(scope.Instance);
            _proxy = await TransparentProxy.StartAsync(Sidecar() with { NamesPath = _names }, Scope(scope), cancellationToken).ConfigureAwait(false);
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
        RemoveNames(_names!);
    }

    /// <summary>Removes what was learned: nobody comes after this run.</summary>
    public static void RemoveNames(string path)
    {
        try
        {
            File.Delete(path);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            // nothing was learned, so nothing was written
        }
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
        CiliumCompatible = options.CiliumCompatible,
        Kafka = options.Kafka,
        Decryption = options.Decryption,
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
