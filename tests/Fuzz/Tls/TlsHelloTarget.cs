using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Fuzz.Tls;

/// <summary>The scanner and <see cref="TlsClientHello"/>; a message that is read has to mean the same however it is cut over records.</summary>
internal sealed class TlsHelloTarget : FuzzTarget
{
    private static readonly byte[] s_scratch = new byte[TlsLimits.Default.MaxScratchBytes];

    /// <inheritdoc/>
    public override string Name => "tls-hello";

    /// <inheritdoc/>
    public override string Dictionary => "tls.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new HelloShape[]
        {
            new() { HasExtensions = false },
            new() { ServerName = "a.example" },
            new() { ServerName = "API.x-1_2.example", Protocols = ["h2", "http/1.1"], Versions = [0x0304, 0x0303], RecordBytes = 60 },
            new() { ServerName = "xn--caf-dma.example", Versions = [0x1A1A, 0x0304], Extensions = [new(0xFE0D, [0, 1, 2]), new(42, []), new(41, [0, 0])] },
            new() { Protocols = ["http/1.1"], RecordBytes = 1 },
            new() { ServerName = "b.example", Extensions = [new(0x0A0A, []), new(21, new byte[100])] },
        }.Select(shape => shape.Flight()),
    ];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var seed = Segmentation.SeedOf(input);
        var scan = FrameLaw.Check(() => new TlsHelloScanner(TlsLimits.Default), input, Segmentation.Random(input.Length, seed));
        var flight = scan.Length == 0 || scan.Length > input.Length ? input : input.AsSpan(0, (int)scan.Length);
        if (!ViewLaw.Check(static (message, out error) => Read(message, out error, out _), flight))
        {
            return FuzzOutcome.Refused;
        }

        Law.Holds(scan.Length > 0, "what the scanner refuses is not read");
        ViewLaw.CheckPrefixes(static (message, out error) => Read(message, out error, out _), flight, Prefixes(flight.Length, seed));
        _ = Read(flight, out _, out var facts);
        var message = HelloShape.Join(flight);
        var recordBytes = (int)(seed % 100) + 1;
        var cut = HelloShape.Cut(message, recordBytes);
        if (cut.Length <= TlsLimits.Default.MaxFlightBytes)
        {
            Law.Holds(Read(cut, out _, out var again), "a message may be cut anywhere");
            Law.Same(facts, again, "a message means the same however it is cut over records");
        }

        return FuzzOutcome.Accepted;
    }

    /// <summary>Everything a ClientHello says, in one line.</summary>
    internal static bool Read(ReadOnlySpan<byte> flight, out ProtocolError error, out string facts)
    {
        facts = string.Empty;
        if (!TlsClientHello.TryParse(flight, TlsLimits.Default, s_scratch, out var hello, out error))
        {
            return false;
        }

        Law.Holds(hello.ServerName.IsEmpty || TlsServerName.Check(hello.ServerName) == ProtocolErrorCode.None, "a server name is a name");
        var text = new StringBuilder();
        foreach (var name in hello.ApplicationProtocols)
        {
            Law.Holds(!name.IsEmpty && hello.OffersProtocol(name), "a protocol that is listed is offered");
            text.Append(' ').Append(Convert.ToHexString(name));
        }

        facts = $"{Encoding.ASCII.GetString(hello.ServerName)} {hello.LegacyVersion:X4} {hello.HighestVersion:X4} "
            + $"{hello.HasEncryptedHello} {hello.HasPreSharedKey} {hello.HasEarlyData}{text}";
        return true;
    }
}
