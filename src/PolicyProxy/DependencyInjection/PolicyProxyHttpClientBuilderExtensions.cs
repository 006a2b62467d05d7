using Microsoft.Extensions.Http;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Enforcement.Client;
using PolicyProxy.Gate;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Puts the policy engine into clients of <c>IHttpClientFactory</c>.</summary>
public static class PolicyProxyHttpClientBuilderExtensions
{
    /// <summary>
    /// Enforces the egress policies of the subject that <c>services.AddPolicyProxy</c> names on every request of this client. The door is the
    /// innermost handler, whatever is configured before or after this call: it takes over the client's <see cref="SocketsHttpHandler"/>. Policies
    /// are read when the host starts; until then, and without a host, everything is denied.
    /// </summary>
    /// <param name="builder">The client.</param>
    /// <param name="configure">Changes settings; message and audit mode start from those of <see cref="PolicyProxyOptions"/>.</param>
    public static IHttpClientBuilder AddPolicyProxy(this IHttpClientBuilder builder, Action<PolicyProxyHandlerOptions>? configure = null)
    {
        ArgumentNullException.ThrowIfNull(builder);
        builder.Services.AddPolicyProxy();

        // After everything else that is configured, so that no other primary handler replaces the door.
        builder.Services.PostConfigure<HttpClientFactoryOptions>(builder.Name, options =>
            options.HttpMessageHandlerBuilderActions.Add(handlers => handlers.PrimaryHandler = Wrap(handlers, configure)));
        return builder;
    }

    private static HttpMessageHandler Wrap(HttpMessageHandlerBuilder handlers, Action<PolicyProxyHandlerOptions>? configure)
    {
        var transport = handlers.PrimaryHandler switch
        {
            PolicyProxyHandler => throw new InvalidOperationException($"The client '{handlers.Name}' has AddPolicyProxy twice."),
            SocketsHttpHandler sockets => sockets,
            var other => throw new InvalidOperationException(
                $"AddPolicyProxy needs a SocketsHttpHandler as the primary handler of the client '{handlers.Name}', which has a {other.GetType().Name}."),
        };
        var subject = handlers.Services.GetRequiredService<PolicySubject>();
        var shared = handlers.Services.GetRequiredService<IOptions<PolicyProxyOptions>>().Value;
        var options = new PolicyProxyHandlerOptions { DenyMessage = shared.DenyMessage, Audit = shared.Audit };
        configure?.Invoke(options);
        return new PolicyProxyHandler(
            handlers.Services.GetRequiredService<PolicyGate>(),
            () => subject.Identity,
            options,
            transport,
            handlers.Services.GetRequiredService<TimeProvider>());
    }
}
