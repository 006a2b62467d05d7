using PolicyProxy.Protocols.Tests.Laws;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

public class TlsClientHelloLawTests : MessageViewLaws
{
    private static readonly byte[] s_scratch = new byte[TlsLimits.Default.MaxScratchBytes];

    protected override IReadOnlyList<byte[]> Messages => TlsHellos.Valid;

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error)
    {
        if (!TlsClientHello.TryParse(message, TlsLimits.Default, s_scratch, out var hello, out error))
        {
            return false;
        }

        Span<char> name = stackalloc char[TlsServerName.MaxBytes];
        var read = TlsServerName.Write(hello.ServerName, name) + hello.HighestVersion + hello.LegacyVersion;
        foreach (var protocol in hello.ApplicationProtocols)
        {
            read += protocol.Length;
        }

        return read > 0;
    }
}
