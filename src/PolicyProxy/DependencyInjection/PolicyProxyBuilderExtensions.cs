using System.Diagnostics.CodeAnalysis;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Sources;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Where policies come from and where flows go.</summary>
public static class PolicyProxyBuilderExtensions
{
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
}
