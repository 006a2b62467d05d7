using System.Diagnostics.CodeAnalysis;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Sources;
using PolicyProxy.Policy.Yaml;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Where policies come from and where flows go.</summary>
public static class PolicyProxyBuilderExtensions
{
    /// <summary>
    /// Reads policies, and the Pods, Namespaces and other objects they refer to, from a file or from all YAML files under a folder, and
    /// again whenever they change.
    /// </summary>
    public static IPolicyProxyBuilder FromFiles(this IPolicyProxyBuilder builder, string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        builder.Services.AddSingleton<IPolicySource>(provider => new FilePolicySource(path, new FilePolicySourceOptions
        {
            Reading = Reading(provider),
            TimeProvider = provider.GetRequiredService<TimeProvider>(),
        }));
        return builder;
    }

    /// <summary>Reads policies from YAML text; documents are separated by <c>---</c>.</summary>
    public static IPolicyProxyBuilder FromText(this IPolicyProxyBuilder builder, string yaml)
    {
        ArgumentNullException.ThrowIfNull(yaml);
        builder.Services.AddSingleton<IPolicySource>(provider => new InMemoryPolicySource([("inline", yaml)], Reading(provider)));
        return builder;
    }

    /// <summary>Adds a policy source of your own. Several sources are read as one input, in the order they were added.</summary>
    public static IPolicyProxyBuilder From(this IPolicyProxyBuilder builder, IPolicySource source)
    {
        builder.Services.AddSingleton(source);
        return builder;
    }

    /// <summary>Adds an observer that sees every flow. One object is made for the whole process.</summary>
    public static IPolicyProxyBuilder AddFlowObserver<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicConstructors)] T>(
        this IPolicyProxyBuilder builder)
        where T : class, IFlowObserver
    {
        builder.Services.AddSingleton<IFlowObserver, T>();
        return builder;
    }

    private static PolicyReadOptions Reading(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<IOptions<PolicyProxyOptions>>().Value;
        return new PolicyReadOptions
        {
            ClusterName = options.ClusterName,
            UnknownFields = options.IgnoreUnknownFields ? UnknownFieldMode.Ignore : UnknownFieldMode.Error,
        };
    }
}
