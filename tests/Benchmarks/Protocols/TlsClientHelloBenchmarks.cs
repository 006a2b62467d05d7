using BenchmarkDotNet.Attributes;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of the first message of a TLS connection: finding its end, reading it, and reading it when it is cut over records.</summary>
[MemoryDiagnoser]
public class TlsClientHelloBenchmarks
{
    private readonly byte[] _scratch = new byte[TlsLimits.Default.MaxScratchBytes];
    private readonly char[] _name = new char[TlsServerName.MaxBytes];
    private byte[] _whole = [];
    private byte[] _cut = [];

    [GlobalSetup]
    public void Setup()
    {
        byte[] name = [0, 0, 0, 17, 0, 15, 0, 0, 12, .. "shop.example"u8];
        byte[] protocols = [0, 16, 0, 14, 0, 12, 2, .. "h2"u8, 8, .. "http/1.1"u8];
        byte[] versions = [0, 43, 0, 5, 4, 3, 4, 3, 3];
        byte[] others = [.. Enumerable.Range(100, 8).SelectMany(type => (byte[])[0, (byte)type, 0, 8, .. new byte[8]])];
        byte[] padding = [0, 21, 0, 200, .. new byte[200]];
        byte[] extensions = [.. name, .. protocols, .. versions, .. others, .. padding];
        byte[] fields = [3, 3, .. new byte[32], 32, .. new byte[32], 0, 62, .. new byte[62], 1, 0, (byte)(extensions.Length >> 8), (byte)extensions.Length, .. extensions];
        byte[] message = [1, 0, (byte)(fields.Length >> 8), (byte)fields.Length, .. fields];
        _whole = Records(message, 16_384);
        _cut = Records(message, 64);
    }

    [Benchmark(Baseline = true)]
    public int Scan() => new TlsHelloScanner(TlsLimits.Default).Scan(_whole, out int length) == System.Buffers.OperationStatus.Done ? length : throw new InvalidOperationException();

    [Benchmark]
    public int Read() => Read(_whole);

    [Benchmark]
    public int ReadOfManyRecords() => Read(_cut);

    private static byte[] Records(byte[] message, int recordBytes) =>
        [.. message.Chunk(recordBytes).SelectMany(part => (byte[])[22, 3, 1, (byte)(part.Length >> 8), (byte)part.Length, .. part])];

    private int Read(byte[] flight) =>
        TlsClientHello.TryParse(flight, TlsLimits.Default, _scratch, out var hello, out var error)
            ? TlsServerName.Write(hello.ServerName, _name)
            : throw new InvalidOperationException(error.ToString());
}
