using System.Diagnostics.Metrics;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Enforcement.AspNetCore;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Spiffe;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds the policy engine and its doors to a host.</summary>
public static class PolicyProxyServiceCollectionExtensions
{
    /// <summary>
    /// Adds the engine, the gate and what feeds them. Name at least one policy source on the result. Policies are read when the host
    /// starts: bad ones make the start fail with <see cref="PolicyLoadException"/>. May be called more than once.
    /// </summary>
    public static IPolicyProxyBuilder AddPolicyProxy(this IServiceCollection services, Action<PolicyProxyOptions>? configure = null)
    {
        services.AddOptions<PolicyProxyOptions>().ValidateOnStart();
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IValidateOptions<PolicyProxyOptions>, PolicyProxyOptionsValidator>());
        if (configure is not null)
        {
            services.Configure(configure);
        }

        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(static provider => CompilerOptions(Options(provider)));
        services.TryAddSingleton(static provider => new PolicyEngine(provider.GetRequiredService<PolicyCompilerOptions>()));
        services.TryAddSingleton(Publisher);
        services.TryAddSingleton(static provider => new PolicyGate(
            provider.GetRequiredService<PolicyEngine>(),
            provider.GetRequiredService<FlowPublisher>(),
            provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(static provider => new PolicySubject(provider.GetRequiredService<PolicyEngine>(), Options(provider)));
        services.TryAddSingleton(static provider => new TrustBundles(
            Options(provider).TrustDomains, provider.GetRequiredService<TimeProvider>(), provider.GetService<ILogger<TrustBundles>>() ?? NullLogger<TrustBundles>.Instance));
        services.TryAddSingleton(static provider => new PeerVerifier(
            provider.GetRequiredService<TrustBundles>(), provider.GetRequiredService<PolicyEngine>().Identities, provider.GetRequiredService<TimeProvider>()));
        services.TryAddSingleton(Door);
        services.TryAddEnumerable(ServiceDescriptor.Singleton<IHostedService, PolicyLoader>());
        return new PolicyProxyBuilder(services);
    }

    private static PolicyProxyOptions Options(IServiceProvider provider) => provider.GetRequiredService<IOptions<PolicyProxyOptions>>().Value;

    private static PolicyCompilerOptions CompilerOptions(PolicyProxyOptions options) => new()
    {
        Enforcement = options.Enforcement,
        ClusterName = options.ClusterName,
        CiliumCompatible = options.CiliumCompatible,
        FqdnBinding = options.FqdnBinding,
        IgnoreUnknownFields = options.IgnoreUnknownFields,
        Subjects = [options.SubjectLabels],
    };

    private static FlowPublisher Publisher(IServiceProvider provider)
    {
        var publisher = new FlowPublisher(provider.GetService<ILogger<FlowPublisher>>());
        foreach (var observer in provider.GetServices<IFlowObserver>())
        {
            publisher.Add(observer);
        }

        if (Options(provider).Metrics && provider.GetService<IMeterFactory>() is { } meters)
        {
            publisher.Add(new FlowMetrics(meters, publisher));
        }

        // Without a listening log the logger would only make flows cost something.
        if (Options(provider).LogDenials && provider.GetService<ILogger<FlowLogger>>() is { } logger && logger.IsEnabled(LogLevel.Information))
        {
            publisher.Add(new FlowLogger(logger, provider.GetRequiredService<TimeProvider>()));
        }

        return publisher;
    }

    private static HttpDoor Door(IServiceProvider provider)
    {
        var options = Options(provider);
        var subject = provider.GetRequiredService<PolicySubject>();
        return new HttpDoor(
            provider.GetRequiredService<PolicyGate>(), provider.GetRequiredService<FlowPublisher>(), provider.GetRequiredService<TimeProvider>())
        {
            Subject = () => subject.Identity,
            PolicyPort = (ushort?)options.PolicyPort,
            Audit = options.Audit,
            RefusedConnection = options.RefusedConnection,
            Peers = options.TrustDomains.Count == 0 ? null : provider.GetRequiredService<PeerVerifier>(),
            Denied = new LocalReply(StatusCodes.Status403Forbidden, grpcStatus: 7, options.DenyMessage),
        };
    }

    private sealed class PolicyProxyBuilder(IServiceCollection services) : IPolicyProxyBuilder
    {
        public IServiceCollection Services { get; } = services;
    }
}
