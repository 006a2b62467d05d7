using System.Buffers.Binary;
using System.Text;

namespace PolicyProxy.Fuzz.Tls;

/// <summary>An extension by its number.</summary>
internal readonly record struct HelloExtension(ushort Type, byte[] Value);

/// <summary>What a ClientHello is made of; writes what clients write, and what none may.</summary>
internal sealed record HelloShape
{
    private const int RecordHeaderBytes = 5;

    public ushort Version { get; init; } = 0x0303;

    /// <summary>Null = no server name.</summary>
    public string? ServerName { get; init; }

    public IReadOnlyList<string> Protocols { get; init; } = [];

    public IReadOnlyList<ushort> Versions { get; init; } = [];

    /// <summary>Further extensions, behind those above.</summary>
    public IReadOnlyList<HelloExtension> Extensions { get; init; } = [];

    /// <summary>False leaves out even the length of the extensions.</summary>
    public bool HasExtensions { get; init; } = true;

    /// <summary>Most bytes of a record.</summary>
    public int RecordBytes { get; init; } = 16_384;

    /// <summary>One server name extension with these names.</summary>
    public static HelloExtension Names(params IEnumerable<(int Type, string Name)> names) =>
        new(0, Sized16([.. names.SelectMany(name => (byte[])[(byte)name.Type, .. Sized16(Encoding.Latin1.GetBytes(name.Name))])]));

    /// <summary>The message with its header.</summary>
    public byte[] Message()
    {
        byte[] fields =
        [
            .. Number16(Version), .. Enumerable.Range(1, 32).Select(i => (byte)i), 4, 9, 8, 7, 6,
            .. Sized16([0x13, 0x01, 0xC0, 0x2F]), 1, 0,
            .. HasExtensions ? Sized16([.. AllExtensions().SelectMany(e => (byte[])[.. Number16(e.Type), .. Sized16(e.Value)])]) : [],
        ];
        return [1, (byte)(fields.Length >> 16), .. Number16((ushort)fields.Length), .. fields];
    }

    /// <summary>The message in its records.</summary>
    public byte[] Flight() => Cut(Message(), RecordBytes);

    /// <summary>A message in records of at most this many bytes.</summary>
    public static byte[] Cut(byte[] message, int recordBytes) =>
        [.. message.Chunk(recordBytes).SelectMany(part => (byte[])[22, 3, 1, .. Sized16(part)])];

    /// <summary>The message in whole records.</summary>
    public static byte[] Join(ReadOnlySpan<byte> flight)
    {
        var message = new List<byte>();
        while (!flight.IsEmpty)
        {
            var length = BinaryPrimitives.ReadUInt16BigEndian(flight[3..]);
            message.AddRange(flight.Slice(RecordHeaderBytes, length));
            flight = flight[(RecordHeaderBytes + length)..];
        }

        return [.. message];
    }

    private IEnumerable<HelloExtension> AllExtensions()
    {
        if (ServerName is not null)
        {
            yield return Names((0, ServerName));
        }

        if (Protocols.Count > 0)
        {
            yield return new(16, Sized16([.. Protocols.SelectMany(name => (byte[])[(byte)name.Length, .. Encoding.Latin1.GetBytes(name)])]));
        }

        if (Versions.Count > 0)
        {
            yield return new(43, [(byte)(2 * Versions.Count), .. Versions.SelectMany(Number16)]);
        }

        foreach (var extension in Extensions)
        {
            yield return extension;
        }
    }

    private static byte[] Number16(ushort number) => [(byte)(number >> 8), (byte)number];

    private static byte[] Sized16(byte[] bytes) => [.. Number16((ushort)bytes.Length), .. bytes];
}
