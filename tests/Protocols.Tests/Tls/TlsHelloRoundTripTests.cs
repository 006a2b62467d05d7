using System.Buffers;
using System.Text;
using PolicyProxy.Fuzz.Tls;
using PolicyProxy.Protocols.Tests.Laws;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

/// <summary>What a ClientHello says, and how it is cut.</summary>
public sealed record HelloText(string ServerName, string Protocols, ushort Version, int RecordBytes);

/// <summary>What is written into a ClientHello is what is read from it.</summary>
public class TlsHelloRoundTripTests : RoundTripLaws<HelloText>
{
    protected override IReadOnlyList<HelloText> Values { get; } =
    [
        new("a.example", "", 0x0303, 16_384),
        new("a.example", "h2,http/1.1", 0x0304, 50),
        new("", "h2", 0x0304, 7),
        new(new string('a', 63) + "." + new string('b', 63), "x", 0x0303, 1),
    ];

    protected override int Write(HelloText value, Span<byte> destination)
    {
        var flight = new HelloShape
        {
            ServerName = value.ServerName.Length == 0 ? null : value.ServerName,
            Protocols = value.Protocols.Split(',', StringSplitOptions.RemoveEmptyEntries),
            Versions = value.Version == 0x0304 ? [0x0304, 0x0303] : [],
            RecordBytes = value.RecordBytes,
        }.Flight();
        return flight.AsSpan().TryCopyTo(destination) ? flight.Length : 0;
    }

    protected override OperationStatus Read(ReadOnlySpan<byte> written, HelloText asked, out HelloText? value, out int length)
    {
        value = null;
        var status = new TlsHelloScanner(TlsLimits.Default).Scan(written, out length);
        if (status != OperationStatus.Done)
        {
            return status;
        }

        Assert.True(TlsClientHello.TryParse(written[..length], TlsLimits.Default, new byte[TlsLimits.Default.MaxScratchBytes], out var hello, out var error), error.ToString());
        var protocols = new List<string>();
        foreach (var protocol in hello.ApplicationProtocols)
        {
            protocols.Add(Encoding.Latin1.GetString(protocol));
        }

        value = new(Encoding.Latin1.GetString(hello.ServerName), string.Join(',', protocols), hello.HighestVersion, asked.RecordBytes);
        return status;
    }
}
