using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Tests.Dns;

/// <summary>Writes DNS messages piece by piece, without the product: names are never compressed unless a pointer is asked for.</summary>
internal sealed class DnsBytes
{
    private readonly List<byte> _bytes;

    private DnsBytes(ushort id, ushort flags) => _bytes = [(byte)(id >> 8), (byte)id, (byte)(flags >> 8), (byte)flags, 0, 0, 0, 0, 0, 0, 0, 0];

    /// <summary>Where the next byte goes.</summary>
    public int Position => _bytes.Count;

    /// <summary>A query header: RD.</summary>
    public static DnsBytes Query(ushort id = 0x1234, ushort flags = 0x0100) => new(id, flags);

    /// <summary>A response header: QR, RD, RA.</summary>
    public static DnsBytes Response(ushort id = 0x1234, ushort flags = 0x8180) => new(id, flags);

    /// <summary>A query for one name.</summary>
    public static byte[] Ask(string name, ushort type = 1, ushort id = 0x1234) => Query(id).Question(name, type);

    public static implicit operator byte[](DnsBytes message) => [.. message._bytes];

    /// <summary>A name of plain labels; <c>@n</c> as its end is a pointer to offset n.</summary>
    public static byte[] Name(string name)
    {
        var bytes = new List<byte>();
        foreach (var label in name.Split('.', StringSplitOptions.RemoveEmptyEntries))
        {
            if (label[0] == '@')
            {
                var target = int.Parse(label[1..]);
                bytes.AddRange([(byte)(0xC0 | (target >> 8)), (byte)target]);
                return [.. bytes];
            }

            bytes.Add((byte)label.Length);
            bytes.AddRange(label.Select(character => (byte)character));
        }

        return [.. bytes, 0];
    }

    public static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));

    public DnsBytes Question(string name, ushort type = 1, ushort @class = 1) => Raw(Name(name)).UInt16(type).UInt16(@class).Count(0);

    public DnsBytes Answer(string name, ushort type, byte[] data, uint ttl = 300, ushort @class = 1) => Record(1, name, type, data, ttl, @class);

    public DnsBytes Authority(string name, ushort type, byte[] data, uint ttl = 300) => Record(2, name, type, data, ttl, 1);

    public DnsBytes Additional(string name, ushort type, byte[] data, uint ttl = 300, ushort @class = 1) => Record(3, name, type, data, ttl, @class);

    /// <summary>An OPT record.</summary>
    public DnsBytes Edns(string options = "", uint flags = 0, ushort payload = 1232) => Additional("", 41, Hex(options), flags, payload);

    public DnsBytes Raw(params byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public DnsBytes UInt16(int value) => Raw((byte)(value >> 8), (byte)value);

    /// <summary>Announces one more question (0) or record of a section (1..3).</summary>
    public DnsBytes Count(int section)
    {
        var at = 4 + (2 * section);
        var count = ((_bytes[at] << 8) | _bytes[at + 1]) + 1;
        (_bytes[at], _bytes[at + 1]) = ((byte)(count >> 8), (byte)count);
        return this;
    }

    private DnsBytes Record(int section, string name, ushort type, byte[] data, uint ttl, ushort @class)
    {
        var time = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(time, ttl);
        return Raw(Name(name)).UInt16(type).UInt16(@class).Raw(time).UInt16(data.Length).Raw(data).Count(section);
    }
}
