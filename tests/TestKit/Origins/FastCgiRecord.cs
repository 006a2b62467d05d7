using System.Buffers.Binary;

namespace PolicyProxy.TestKit.Origins;

/// <summary>The frames of FastCGI 1.0.</summary>
/// <param name="Type">Type number.</param>
/// <param name="Content">Content without padding.</param>
internal readonly record struct FastCgiRecord(byte Type, byte[] Content)
{
    public const byte EndRequest = 3;
    public const byte Parameters = 4;
    public const byte Input = 5;
    public const byte Output = 6;

    private const int HeaderBytes = 8;
    private const int MaxContentBytes = 65_528;

    /// <summary>Reads one record; null if the stream ends in front of it.</summary>
    public static async ValueTask<FastCgiRecord?> ReadAsync(Stream stream)
    {
        var header = new byte[HeaderBytes];
        if (await stream.ReadAtLeastAsync(header, HeaderBytes, throwOnEndOfStream: false) < HeaderBytes)
        {
            return null;
        }

        var length = BinaryPrimitives.ReadUInt16BigEndian(header.AsSpan(4));
        var content = new byte[length + header[6]];
        await stream.ReadExactlyAsync(content);
        return new FastCgiRecord(header[1], content[..length]);
    }

    /// <summary>The records that answer request 1 with these bytes and end it.</summary>
    public static byte[] Response(ReadOnlySpan<byte> output)
    {
        using var records = new MemoryStream();
        for (var rest = output; !rest.IsEmpty; rest = rest[Math.Min(rest.Length, MaxContentBytes)..])
        {
            Write(records, Output, rest[..Math.Min(rest.Length, MaxContentBytes)]);
        }

        Write(records, Output, []);
        Write(records, EndRequest, new byte[8]);
        return records.ToArray();
    }

    private static void Write(MemoryStream records, byte type, ReadOnlySpan<byte> content)
    {
        Span<byte> header = [1, type, 0, 1, 0, 0, 0, 0];
        BinaryPrimitives.WriteUInt16BigEndian(header[4..], (ushort)content.Length);
        records.Write(header);
        records.Write(content);
    }
}
