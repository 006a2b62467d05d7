using PolicyProxy.Policy.Snapshot;

namespace PolicyProxy.Gate;

/// <summary>Judges TLS handshakes by their server name (semantics 8.2). A port with DNS rules has none to offer.</summary>
internal abstract class ServerNameJudge : IProtocolJudge<ReadOnlySpan<char>>
{
    public static Verdict Judge(ConnectionPolicy policy, in ConnectionPermit permit, in ReadOnlySpan<char> serverName) =>
        policy.Kind == L7Kind.Dns ? new Verdict(false, VerdictReason.ProtocolError) : policy.CheckServerName(serverName);

    public static ReadOnlySpan<char> NameIn(in ReadOnlySpan<char> serverName) => serverName;
}
