using System.Buffers;
using System.IO.Pipelines;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>What a connection begins with.</summary>
internal enum FirstBytes
{
    /// <summary>Nothing: the client has ended, or waited too long.</summary>
    None,

    /// <summary>No TLS handshake.</summary>
    Plain,

    /// <summary>A ClientHello.</summary>
    Tls,

    /// <summary>Something that begins like TLS and is no ClientHello that can be read in one way only.</summary>
    Malformed,
}

/// <summary>The beginning of a connection.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="ServerName">The server name of a ClientHello in lower case; empty if it shows none.</param>
/// <param name="Problem">What is wrong with it; else empty.</param>
internal readonly record struct HelloReading(FirstBytes Kind, string ServerName = "", string Problem = "")
{
    /// <summary>Reads the ClientHello a connection begins with, and leaves every byte of it to whoever reads next.</summary>
    /// <param name="input">The bytes of the client.</param>
    /// <param name="cancellationToken">Ends waiting; then there is nothing.</param>
    public static async Task<HelloReading> ReadAsync(PipeReader input, CancellationToken cancellationToken)
    {
        var scanner = new TlsHelloScanner(TlsLimits.Default);
        try
        {
            while (true)
            {
                var result = await input.ReadAsync(cancellationToken).ConfigureAwait(false);
                var received = result.Buffer;
                var reading = received.IsEmpty ? null : Judge(ref scanner, received);
                if (reading is { } known)
                {
                    // Nothing is consumed, and nothing counts as seen: the next reader gets it at once.
                    input.AdvanceTo(received.Start);
                    return known;
                }

                input.AdvanceTo(received.Start, received.End);
                if (result.IsCompleted || result.IsCanceled)
                {
                    return received.IsEmpty ? default : new HelloReading(FirstBytes.Malformed, Problem: "the connection ends inside the ClientHello");
                }
            }
        }
        catch (OperationCanceledException)
        {
            return new HelloReading(FirstBytes.None, Problem: "no whole ClientHello has come in time");
        }
    }

    // Null if more bytes are needed.
    private static HelloReading? Judge(ref TlsHelloScanner scanner, in ReadOnlySequence<byte> received)
    {
        if (received.FirstSpan[0] != TlsHelloScanner.FirstByte)
        {
            return new HelloReading(FirstBytes.Plain);
        }

        var status = scanner.Scan(received, out long length);
        if (status == OperationStatus.NeedMoreData)
        {
            return null;
        }

        if (status != OperationStatus.Done)
        {
            return new HelloReading(FirstBytes.Malformed, Problem: scanner.Error.ToString());
        }

        var scratch = ArrayPool<byte>.Shared.Rent(TlsLimits.Default.MaxScratchBytes + (int)length);
        try
        {
            var flight = scratch.AsSpan(0, (int)length);
            received.Slice(0, length).CopyTo(flight);
            return TlsClientHello.TryParse(flight, TlsLimits.Default, scratch.AsSpan((int)length), out var hello, out var error)
                ? new HelloReading(FirstBytes.Tls, Text(hello.ServerName))
                : new HelloReading(FirstBytes.Malformed, Problem: error.ToString());
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(scratch);
        }
    }

    private static string Text(ReadOnlySpan<byte> serverName)
    {
        Span<char> name = stackalloc char[TlsServerName.MaxBytes];
        return new string(name[..TlsServerName.Write(serverName, name)]);
    }
}
