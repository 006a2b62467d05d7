using PolicyProxy.Fuzz.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

/// <summary>Valid messages: what the fuzz target starts from.</summary>
internal static class TlsHellos
{
    public static IReadOnlyList<byte[]> Valid { get; } = new TlsHelloTarget().Seeds;
}
