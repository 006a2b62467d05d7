using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Dns;

/// <summary>Corrects the pointers of names in a copy from which bytes were cut.</summary>
internal static class DnsPointers
{
    /// <summary>Moves the pointers in the owner name and in the data of a record; false if one leads into what is cut.</summary>
    public static bool TryMove(scoped in DnsResourceRecord record, scoped in DnsCuts cuts, Span<byte> destination)
    {
        var reader = new SpanReader(record.Message);
        _ = reader.TrySkip(record.Name.Offset);
        if (!TryMoveName(ref reader, cuts, destination))
        {
            return false;
        }

        var shape = DnsDataShape.Of(record.Type);
        var before = record.Type == DnsQueryType.Naptr ? DnsDataCheck.NaptrBytesBefore(record.Data) : shape.BytesBefore;
        var names = record.Type == DnsQueryType.Naptr ? 1 : shape.Names;
        reader = new SpanReader(record.Message);
        _ = reader.TrySkip(record.DataOffset + before);
        for (var i = 0; i < names; i++)
        {
            if (!TryMoveName(ref reader, cuts, destination))
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryMoveName(scoped ref SpanReader reader, scoped in DnsCuts cuts, Span<byte> destination)
    {
        while (reader.TryReadByte(out var length) && length != 0)
        {
            if (length < DnsLabels.Pointer)
            {
                _ = reader.TrySkip(length);
                continue;
            }

            var at = reader.Position - 1;
            _ = reader.TryReadByte(out var low);
            var target = ((length & ~DnsLabels.Pointer) << 8) | low;
            if (cuts.Contains(target))
            {
                return false;
            }

            BinaryPrimitives.WriteUInt16BigEndian(destination[cuts.Map(at)..], (ushort)((DnsLabels.Pointer << 8) | cuts.Map(target)));
            return true;
        }

        return true;
    }
}
