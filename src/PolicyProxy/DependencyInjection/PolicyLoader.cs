using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using PolicyProxy.Gate;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Spiffe;

namespace PolicyProxy.DependencyInjection;

/// <summary>
/// Puts the policies in force before any server of the host listens, and keeps them up to date. Bad policies at start make the start
/// fail; bad policies later are logged and the last good ones stay.
/// </summary>
internal sealed class PolicyLoader(PolicyEngine engine, IEnumerable<IPolicySource> sources, TrustBundles trust, ILogger<PolicyLoader> logger)
    : IHostedLifecycleService, IDisposable
{
    private IDisposable? _subscription;

    public Task StartingAsync(CancellationToken cancellationToken)
    {
        IReadOnlyList<IPolicySource> all = [.. sources];
        if (all.Count == 0)
        {
            throw new PolicyLoadException("There is no policy source: add FromFiles, FromText or From to AddPolicyProxy", []);
        }

        if (trust.Problems is { Count: > 0 } problems)
        {
            throw new PolicyLoadException("A trust bundle cannot be used: " + string.Join("; ", problems), []);
        }

        var (first, subscription) = engine.Watch(all.Count == 1 ? all[0] : new CompositePolicySource(all));
        _subscription = subscription;
        if (!first.Succeeded)
        {
            throw PolicyLoadException.Create(first.Diagnostics);
        }

        Report(first);
        engine.Compiled += OnCompiled;
        return Task.CompletedTask;
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken)
    {
        Dispose();
        return Task.CompletedTask;
    }

    public void Dispose()
    {
        engine.Compiled -= OnCompiled;
        Interlocked.Exchange(ref _subscription, null)?.Dispose();
    }

    private void OnCompiled(object? sender, PolicyCompilation compilation) => Report(compilation);

    private void Report(PolicyCompilation compilation)
    {
        foreach (var diagnostic in compilation.Diagnostics)
        {
            if (diagnostic.Severity == DiagnosticSeverity.Error)
            {
                Log.PolicyError(logger, diagnostic);
            }
            else if (diagnostic.Severity == DiagnosticSeverity.Warning)
            {
                Log.PolicyWarning(logger, diagnostic);
            }
        }

        if (compilation.Snapshot is { } snapshot)
        {
            Log.PoliciesInForce(logger, snapshot.Revision, snapshot.PolicyCount);
        }
        else
        {
            Log.PoliciesRefused(logger, engine.Current?.Revision ?? 0);
        }
    }
}
