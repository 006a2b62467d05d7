using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Says what becomes of TLS around a request, by the same call as the relay.</summary>
internal static class TlsAnswer
{
    /// <summary>A sentence; empty if nothing is TLS, or its name is not admitted anyway.</summary>
    public static string Of(PolicyEngine engine, ExplainQuestion question)
    {
        var request = question.Request;
        var name = request.Kind == AskedKind.Tls ? request.Name : request is { Http.Scheme: "https", Host: { } host } ? host : null;
        var gate = new PolicyGate(engine, new FlowPublisher(), TimeProvider.System);
        if (name is null || !gate.Connect(question.Tuple, out var permit).Allowed || permit.Kind == L7Kind.None
            || !gate.CheckServerName(ref permit, HostName.Of(name)).Allowed)
        {
            return string.Empty;
        }

        var handling = PolicyGate.HandlingOf(permit, HostName.Of(name.ToLowerInvariant()));
        return (handling.EndsHere, handling.Terminating, handling.Originating) switch
        {
            (false, _, _) => "passes untouched: a rule admits the name without rules for requests",
            (_, { } own, { } toServer) => $"is decrypted with the secret {own.SecretNamespace}/{own.SecretName}, and encrypted again with {toServer.SecretNamespace}/{toServer.SecretName}",
            (_, { } own, null) => $"is decrypted with the secret {own.SecretNamespace}/{own.SecretName}; the server is spoken to in the open",
            (_, null, { } toServer) => $"is refused: there is originatingTLS ({toServer.SecretNamespace}/{toServer.SecretName}) and no terminatingTLS, so the client has to speak in the open",
            _ => "is decrypted by policyproxy run, with an authority made for the run; a sidecar refuses it, because no rule has terminatingTLS",
        };
    }
}
