namespace Microsoft.Extensions.DependencyInjection;

/// <summary>
/// What <c>AddPolicyProxy</c> returns, so that the policy sources and observers can be named next to it. Everything it adds is added
/// with TryAdd: a service registered before wins.
/// </summary>
public interface IPolicyProxyBuilder
{
    /// <summary>The services being configured.</summary>
    IServiceCollection Services { get; }
}
