using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Policy.Persistence;

/// <summary>
/// The bytes of a <see cref="FqdnFile"/>: <c>PPFQDN</c>, version (2 bytes), number of entries (4), the entries, SHA-256 of all before.
/// An entry is the length of its name (2), the name in UTF-8, the address (16), its end in UTC ticks (8). Numbers are big-endian.
/// </summary>
internal static class FqdnFileFormat
{
    private const ushort Version = 1;
    private const int HeadBytes = 12;
    private const int EntryBytes = 26; // without the name

    private static ReadOnlySpan<byte> Magic => "PPFQDN"u8;

    public static byte[] Write(IReadOnlyList<LearnedName> names, int maxBytes)
    {
        var kept = Fitting(names, maxBytes - HeadBytes - SHA256.HashSizeInBytes, out var bytes);
        var content = new byte[HeadBytes + bytes + SHA256.HashSizeInBytes];
        Magic.CopyTo(content);
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(6), Version);
        BinaryPrimitives.WriteInt32BigEndian(content.AsSpan(8), kept.Count);
        var rest = content.AsSpan(HeadBytes);
        foreach (var (name, address, expires) in kept)
        {
            var length = Encoding.UTF8.GetBytes(name, rest[2..]);
            BinaryPrimitives.WriteUInt16BigEndian(rest, (ushort)length);
            rest = rest[(2 + length)..];
            BinaryPrimitives.WriteUInt128BigEndian(rest, address);
            BinaryPrimitives.WriteInt64BigEndian(rest[16..], expires.UtcTicks);
            rest = rest[24..];
        }

        SHA256.HashData(content.AsSpan(..^SHA256.HashSizeInBytes), rest);
        return content;
    }

    public static bool TryRead(ReadOnlySpan<byte> content, out IReadOnlyList<LearnedName> names, out string fault)
    {
        names = [];
        fault = Fault(content);
        if (fault.Length > 0)
        {
            return false;
        }

        var count = BinaryPrimitives.ReadInt32BigEndian(content[8..]);
        var rest = content[HeadBytes..^SHA256.HashSizeInBytes];
        var read = new List<LearnedName>();
        for (var i = 0; i < count; i++)
        {
            if (!TryReadEntry(ref rest, out var name))
            {
                fault = "an entry is damaged";
                return false;
            }

            read.Add(name);
        }

        if (!rest.IsEmpty)
        {
            fault = "there is more in it than it says";
            return false;
        }

        names = read;
        return true;
    }

    private static string Fault(ReadOnlySpan<byte> content)
    {
        if (content.Length < HeadBytes + SHA256.HashSizeInBytes || !content.StartsWith(Magic))
        {
            return "it is not such a file";
        }

        if (BinaryPrimitives.ReadUInt16BigEndian(content[6..]) is var version and not Version)
        {
            return $"it has version {version} and this program reads version {Version}";
        }

        return SHA256.HashData(content[..^SHA256.HashSizeInBytes]).AsSpan().SequenceEqual(content[^SHA256.HashSizeInBytes..])
            ? string.Empty
            : "its checksum is wrong";
    }

    private static bool TryReadEntry(ref ReadOnlySpan<byte> rest, out LearnedName entry)
    {
        entry = default;
        if (rest.Length < EntryBytes || BinaryPrimitives.ReadUInt16BigEndian(rest) is var length && rest.Length < EntryBytes + length)
        {
            return false;
        }

        var ticks = BinaryPrimitives.ReadInt64BigEndian(rest[(length + 18)..]);
        if (length > FqdnTable.MaxNameChars || ticks < 0 || ticks > DateTimeOffset.MaxValue.UtcTicks)
        {
            return false;
        }

        entry = new LearnedName(
            Encoding.UTF8.GetString(rest.Slice(2, length)),
            BinaryPrimitives.ReadUInt128BigEndian(rest[(length + 2)..]),
            new DateTimeOffset(ticks, TimeSpan.Zero));
        rest = rest[(EntryBytes + length)..];
        return true;
    }

    private static List<LearnedName> Fitting(IReadOnlyList<LearnedName> names, int maxBytes, out int bytes)
    {
        bytes = 0;
        var kept = new List<LearnedName>(names.Count);
        foreach (var name in names.OrderByDescending(static name => name.Expires))
        {
            var size = EntryBytes + Encoding.UTF8.GetByteCount(name.Name);
            if (bytes + size > maxBytes)
            {
                break;
            }

            bytes += size;
            kept.Add(name);
        }

        return kept;
    }
}
