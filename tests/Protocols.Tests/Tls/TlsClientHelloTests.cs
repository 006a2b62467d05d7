using PolicyProxy.Fuzz.Tls;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

public class TlsClientHelloTests
{
    private static readonly byte[] s_scratch = new byte[TlsLimits.Default.MaxScratchBytes];

    /// <summary>What a server could read in another way, or not at all.</summary>
    public static TheoryData<ProtocolErrorCode, string> Refusals { get; } = new()
    {
        { ProtocolErrorCode.TlsVersion, "version" },
        { ProtocolErrorCode.TlsExtensionRepeated, "two server names in two extensions" },
        { ProtocolErrorCode.TlsExtensionRepeated, "unknown extension twice" },
        { ProtocolErrorCode.TlsExtensionCount, "many extensions" },
        { ProtocolErrorCode.TlsServerNameList, "two server names in one extension" },
        { ProtocolErrorCode.TlsServerNameList, "no server name in the extension" },
        { ProtocolErrorCode.TlsServerNameList, "empty extension" },
        { ProtocolErrorCode.TlsServerNameList, "another type of name" },
        { ProtocolErrorCode.TlsServerName, "empty name" },
        { ProtocolErrorCode.TlsServerName, "final dot" },
        { ProtocolErrorCode.TlsServerName, "nul" },
        { ProtocolErrorCode.TlsServerNameAddress, "address" },
        { ProtocolErrorCode.TlsProtocolNames, "empty protocol name" },
        { ProtocolErrorCode.TlsProtocolNames, "no protocol name" },
        { ProtocolErrorCode.TlsSupportedVersions, "odd versions" },
        { ProtocolErrorCode.TlsSupportedVersions, "no versions" },
        { ProtocolErrorCode.TlsPreSharedKeyPlace, "extension behind the keys" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void TlsClientHello_ambiguous_message_is_refused(ProtocolErrorCode code, string what)
    {
        var hello = new HelloShape { ServerName = "a.example" };
        HelloShape With(params HelloExtension[] extensions) => new() { Extensions = extensions };
        var shape = what switch
        {
            "version" => hello with { Version = 0x0203 },
            "two server names in two extensions" => hello with { Extensions = [HelloShape.Names((0, "b.example"))] },
            "unknown extension twice" => With(new(999, []), new(998, []), new(999, [])),
            "many extensions" => With([.. Enumerable.Range(100, 65).Select(type => new HelloExtension((ushort)type, []))]),
            "two server names in one extension" => With(HelloShape.Names((0, "a.example"), (0, "b.example"))),
            "no server name in the extension" => With(HelloShape.Names()),
            "empty extension" => With(new HelloExtension(0, [])),
            "another type of name" => With(HelloShape.Names((1, "a.example"))),
            "empty name" => With(HelloShape.Names((0, ""))),
            "final dot" => hello with { ServerName = "a.example." },
            "nul" => hello with { ServerName = "a.example\0.b" },
            "address" => hello with { ServerName = "192.0.2.1" },
            "empty protocol name" => With(new HelloExtension(16, [0, 1, 0])),
            "no protocol name" => With(new HelloExtension(16, [0, 0])),
            "odd versions" => With(new HelloExtension(43, [3, 3, 4, 3])),
            "no versions" => With(new HelloExtension(43, [0])),
            _ => With(new(41, [0, 0]), new(21, [])),
        };

        foreach (var recordBytes in new[] { 16_384, 9 })
        {
            Assert.False(TlsClientHello.TryParse((shape with { RecordBytes = recordBytes }).Flight(), TlsLimits.Default, s_scratch, out _, out var error));
            Assert.Equal(code, error.Code);
        }
    }

    [Fact]
    public void TlsClientHello_byte_behind_the_extensions_is_refused()
    {
        var message = new HelloShape { ServerName = "a.example" }.Message();
        byte[] longer = [.. message, 0];
        longer[3]++;

        Assert.False(TlsClientHello.TryParse(HelloShape.Cut(longer, 16_384), TlsLimits.Default, s_scratch, out _, out var error));
        Assert.Equal(ProtocolErrorCode.TrailingBytes, error.Code);
    }

    [Fact]
    public void TlsClientHello_without_extensions_names_nothing()
    {
        var hello = Parse(new HelloShape { HasExtensions = false, Version = 0x0301 });

        Assert.True(hello.ServerName.IsEmpty);
        Assert.Equal((0x0301, 0x0301), (hello.LegacyVersion, hello.HighestVersion));
        Assert.False(hello.HasEncryptedHello || hello.HasPreSharedKey || hello.HasEarlyData || hello.ApplicationProtocols.MoveNext());
    }

    [Theory]
    [InlineData(0xFE0D)]
    [InlineData(0xFFCE)]
    public void TlsClientHello_encrypted_names_are_seen(int type)
    {
        var hello = Parse(new HelloShape { ServerName = "public.example", Extensions = [new((ushort)type, [0])] });

        Assert.True(hello.HasEncryptedHello);
        Assert.True(hello.ServerName.SequenceEqual("public.example"u8));
    }

    [Fact]
    public void TlsClientHello_resumption_and_early_data_are_seen()
    {
        var hello = Parse(new HelloShape { Extensions = [new(42, []), new(41, [0, 0])] });

        Assert.True(hello.HasPreSharedKey && hello.HasEarlyData && !hello.HasEncryptedHello);
    }

    [Fact]
    public void TlsClientHello_highest_version_ignores_grease_and_drafts() =>
        Assert.Equal(0x0304, Parse(new HelloShape { Versions = [0xFAFA, 0x7F1C, 0x0303, 0x0304] }).HighestVersion);

    [Fact]
    public void TlsClientHello_message_of_several_records_needs_scratch()
    {
        var flight = new HelloShape { ServerName = "a.example", RecordBytes = 20 }.Flight();

        Assert.False(TlsClientHello.TryParse(flight, TlsLimits.Default, new byte[20], out _, out var error));
        Assert.Equal(ProtocolErrorCode.TooLarge, error.Code);
    }

    private static TlsClientHello Parse(HelloShape shape)
    {
        Assert.True(TlsClientHello.TryParse(shape.Flight(), TlsLimits.Default, s_scratch, out var hello, out var error), error.ToString());
        return hello;
    }
}
