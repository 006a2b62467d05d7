using System.Text;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tls;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Tests.Relay.ServerNames;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class FirstBytesTests
{
    /// <summary>What clients say first, and what that is.</summary>
    public static TheoryData<string, int, string> Cases { get; } = new()
    {
        { TlsFlights.Hello("A.example"), (int)FirstBytesKind.TlsNamed, "a.example" },
        { TlsFlights.Hello("a.example", recordBytes: 7), (int)FirstBytesKind.TlsNamed, "a.example" },
        { TlsFlights.Hello("a.example") + "early data", (int)FirstBytesKind.TlsNamed, "a.example" },
        { TlsFlights.Hello(null), (int)FirstBytesKind.TlsUnnamed, "" },
        { TlsFlights.Hello("p.example", type: 0xFE0D), (int)FirstBytesKind.TlsEncrypted, "p.example" },
        { TlsFlights.Hello(null, type: 0xFFCE), (int)FirstBytesKind.TlsEncrypted, "" },
        { TlsFlights.Hello("192.0.2.1"), (int)FirstBytesKind.TlsMalformed, "" },
        { "\u0016\u0003\u0001\0\0", (int)FirstBytesKind.TlsMalformed, "" },
        { "GET / HTTP/1.1\r\nHost: a.example\r\n\r\n", (int)FirstBytesKind.Http1, "" },
        { "PUT /x HTTP/1.0\n", (int)FirstBytesKind.Http1, "" },
        { "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0", (int)FirstBytesKind.Http2, "" },
        { "GET /\r\n", (int)FirstBytesKind.Other, "" },
        { "GET / HTTP/2.0\r\n", (int)FirstBytesKind.Other, "" },
        { "PRI * HTTP/2.0\r\n\r\nXX\r\n\r\n", (int)FirstBytesKind.Other, "" },
        { "SSH-2.0-OpenSSH_9.2p1 Debian-2\r\n", (int)FirstBytesKind.Other, "" },
        { "EHLO a.example\r\n", (int)FirstBytesKind.Other, "" },
        { "*1\r\n$4\r\nPING\r\n", (int)FirstBytesKind.Other, "" },
        { "\0\0\0\u0008\u0004\u00d2\u0016\u002f", (int)FirstBytesKind.Other, "" },
        { "\u0080\u002e\u0001\u0003\u0001", (int)FirstBytesKind.Other, "" },
        { " / HTTP/1.1\r\n", (int)FirstBytesKind.Other, "" },
        { new string('A', 40), (int)FirstBytesKind.Other, "" },
        { "GET /" + new string('a', 9_000), (int)FirstBytesKind.Other, "" },
        { "GET /unfinished", (int)FirstBytesKind.Unknown, "" },
        { "", (int)FirstBytesKind.Unknown, "" },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void FirstBytes_whole_or_byte_by_byte_tell_the_same(string text, int kind, string name)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        var whole = Create();
        Assert.Equal((FirstBytesKind)kind, Read(ref whole, bytes));
        Assert.Equal(name, whole.ServerName);
        Assert.Equal(whole.Kind == FirstBytesKind.TlsMalformed, whole.Error != default);

        var growing = Create();
        for (var received = 0; received <= bytes.Length; received++)
        {
            var known = Read(ref growing, bytes.AsSpan(0, received));
            Assert.True(known == FirstBytesKind.Unknown || known == whole.Kind, $"{known} after {received} bytes");
        }

        Assert.Equal((whole.Kind, whole.ServerName, whole.Error), (growing.Kind, growing.ServerName, growing.Error));
    }

    [Fact]
    public void FirstBytes_what_is_known_stays()
    {
        var first = Create();
        Read(ref first, Encoding.Latin1.GetBytes(TlsFlights.Hello("a.example")));

        Assert.Equal(FirstBytesKind.TlsNamed, Read(ref first, "GET / HTTP/1.1\r\n"u8));
        Assert.Equal("a.example", first.ServerName);
    }

    private static FirstBytes Create() => new(TlsLimits.Default, HttpLimits.Default);

    private static FirstBytesKind Read(ref FirstBytes first, ReadOnlySpan<byte> received) => first.Read(received, new byte[TlsLimits.Default.MaxScratchBytes]);
}
