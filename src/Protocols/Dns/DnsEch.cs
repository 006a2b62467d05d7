using System.Buffers.Binary;

namespace PolicyProxy.Protocols.Dns;

/// <summary>What <see cref="DnsEch.Remove"/> did.</summary>
public enum DnsEchRemoval
{
    /// <summary>There is nothing to remove; nothing was written.</summary>
    Absent = 0,

    /// <summary>The message without the keys was written.</summary>
    Removed = 1,

    /// <summary>
    /// Nothing was written: the destination is too short, more records than <see cref="DnsEch.MaxRecords"/> carry keys, or a name is kept
    /// inside them. Answer SERVFAIL.
    /// </summary>
    Refused = 2,
}

/// <summary>
/// Takes the keys for Encrypted Client Hello out of HTTPS and SVCB records, so that clients show the server name that a policy judges. The
/// rest of the message stays as it is, pointers follow what moved, AD is cleared; signatures over a changed record no longer hold.
/// Static and thread-safe; allocates nothing.
/// </summary>
public static class DnsEch
{
    /// <summary>Most records with keys in one message. Real ones have fewer than ten.</summary>
    public const int MaxRecords = 64;

    private const int CutsOfRecord = 2; // out of mandatory, and ech itself

    /// <summary>Writes the message without the keys. It is shorter, never longer. Read it again before it teaches anything.</summary>
    /// <param name="message">A message that was read.</param>
    /// <param name="destination">Not the memory of the message; as many bytes as the message are always enough.</param>
    /// <param name="written">Bytes written; 0 unless Removed.</param>
    public static DnsEchRemoval Remove(scoped in DnsMessage message, Span<byte> destination, out int written)
    {
        written = 0;
        var cuts = new DnsCuts(stackalloc DnsCut[CutsOfRecord * MaxRecords]);
        foreach (var record in message.Records)
        {
            if (HasKeys(record) && !TryMark(record, ref cuts))
            {
                return DnsEchRemoval.Refused;
            }
        }

        if (cuts.IsEmpty)
        {
            return DnsEchRemoval.Absent;
        }

        if (!cuts.TryCopy(message.Bytes, destination, out var length))
        {
            return DnsEchRemoval.Refused;
        }

        var rest = destination[..length];
        BinaryPrimitives.WriteUInt16BigEndian(rest[2..], (ushort)(message.Header.Flags & ~DnsHeader.AuthenticDataFlag));
        foreach (var record in message.Records)
        {
            if (!DnsPointers.TryMove(record, cuts, rest))
            {
                rest.Clear();
                return DnsEchRemoval.Refused;
            }

            if (HasKeys(record))
            {
                WriteLengths(record, cuts, rest);
            }
        }

        written = length;
        return DnsEchRemoval.Removed;
    }

    private static bool HasKeys(scoped in DnsResourceRecord record) =>
        record.Type is DnsQueryType.Svcb or DnsQueryType.Https && new DnsServiceBinding(record).TryFind(DnsServiceParameter.Ech, out _);

    private static bool TryMark(scoped in DnsResourceRecord record, scoped ref DnsCuts cuts)
    {
        var binding = new DnsServiceBinding(record);
        var offset = record.DataOffset + record.Data.Length - binding.ParameterBytes.Length;
        foreach (var parameter in binding.Parameters)
        {
            var cut = parameter.Key switch
            {
                DnsServiceParameter.Mandatory => InMandatory(parameter, offset),
                DnsServiceParameter.Ech => new(offset, parameter.Length),
                _ => default,
            };
            if (cut.Length > 0 && !cuts.TryAdd(cut))
            {
                return false;
            }

            offset += parameter.Length;
        }

        return true;
    }

    // A key that is gone must not be mandatory; a list of nothing else goes as a whole (RFC 9460 §8)
    private static DnsCut InMandatory(DnsServiceParameter mandatory, int offset)
    {
        for (var i = 0; i + sizeof(ushort) <= mandatory.Value.Length; i += sizeof(ushort))
        {
            if (BinaryPrimitives.ReadUInt16BigEndian(mandatory.Value[i..]) == DnsServiceParameter.Ech)
            {
                return mandatory.Value.Length == sizeof(ushort)
                    ? new(offset, mandatory.Length)
                    : new(offset + DnsServiceParameter.HeaderBytes + i, sizeof(ushort));
            }
        }

        return default;
    }

    private static void WriteLengths(scoped in DnsResourceRecord record, scoped in DnsCuts cuts, Span<byte> destination)
    {
        var lengthAt = record.DataOffset - sizeof(ushort);
        var dataBytes = cuts.Map(record.DataOffset + record.Data.Length) - cuts.Map(record.DataOffset);
        BinaryPrimitives.WriteUInt16BigEndian(destination[cuts.Map(lengthAt)..], (ushort)dataBytes);

        // mandatory, if it is there, is the first parameter, its key is the lowest
        var binding = new DnsServiceBinding(record);
        var start = record.DataOffset + record.Data.Length - binding.ParameterBytes.Length;
        var first = binding.Parameters;
        if (first.MoveNext() && first.Current.Key == DnsServiceParameter.Mandatory && !cuts.Contains(start))
        {
            var valueBytes = cuts.Map(start + first.Current.Length) - cuts.Map(start) - DnsServiceParameter.HeaderBytes;
            BinaryPrimitives.WriteUInt16BigEndian(destination[(cuts.Map(start) + sizeof(ushort))..], (ushort)valueBytes);
        }
    }
}
