using System.Buffers;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Fuzz.Dns;

/// <summary>Reads everything that the views on a message offer; allocates nothing but for the message of a broken law.</summary>
internal static class DnsReading
{
    private static readonly SearchValues<char> s_printable = SearchValues.Create([.. Enumerable.Range(0x21, 0x7F - 0x21).Select(octet => (char)octet)]);

    /// <summary>A message with all its records and what their types hold.</summary>
    public static bool ReadMessage(ReadOnlySpan<byte> bytes, out ProtocolError error)
    {
        if (!DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out error))
        {
            return false;
        }

        var records = 0;
        foreach (var record in message.Records)
        {
            records++;
            CheckName(record.Name);
            CheckName(record.Target);
            Law.Holds(record.Ttl >= 0, "a TTL is never negative");
            Law.Holds(bytes.Slice(record.DataOffset, record.Data.Length) == record.Data, "data is a part of the message");
            Law.Holds(record.Address.Length is 0 or 4 or 16, "an address has 4 or 16 bytes");
            ReadData(record);
        }

        Law.Same(message.Header.RecordCount, records, "as many records as announced");
        CheckEdns(message);
        return true;
    }

    /// <summary>A query; whatever is read as one is read as a message.</summary>
    public static bool ReadQuery(ReadOnlySpan<byte> bytes, out ProtocolError error)
    {
        Span<char> scratch = stackalloc char[DnsName.MaxPresentationChars];
        if (!DnsQuery.TryParse(bytes, DnsLimits.Default, scratch, out var query, out error))
        {
            return false;
        }

        Law.Holds(ReadMessage(bytes, out _), "a query is a message");
        Law.Holds(bytes[DnsHeader.Bytes..].StartsWith(query.QuestionBytes), "a question stands behind the header");
        Law.Holds(query.Name.IndexOfAnyExcept(s_printable) < 0, "a name is printable");
        return true;
    }

    /// <summary>A response with its chain and addresses.</summary>
    public static bool ReadAnswer(ReadOnlySpan<byte> bytes, out ProtocolError error)
    {
        if (!DnsAnswer.TryParse(bytes, DnsLimits.Default, out var answer, out error))
        {
            return false;
        }

        var aliases = 0;
        var last = answer.Question.Name;
        foreach (var alias in answer.Aliases)
        {
            aliases++;
            last = alias;
        }

        Law.Same(answer.AliasCount, aliases, "AliasCount counts the aliases");
        foreach (var address in answer.Addresses)
        {
            Law.Holds(address.Bytes.Length is 4 or 16 && address.Ttl >= 0, "an address has 4 or 16 bytes");
            Law.Holds(IsOwned(answer.Message, last, address.Bytes), "an address belongs to the last name");
        }

        Law.Holds(answer.Question.Bytes.IsEmpty || answer.Matches(answer.Id, answer.Question.Bytes), "an answer matches its own question");
        return true;
    }

    private static bool IsOwned(DnsMessage message, DnsWireName owner, ReadOnlySpan<byte> address)
    {
        foreach (var record in message.Answers)
        {
            if (record.Name.IsSame(owner) && record.Address.SequenceEqual(address))
            {
                return true;
            }
        }

        return false;
    }

    private static void CheckName(DnsWireName name)
    {
        Span<char> text = stackalloc char[DnsName.MaxPresentationChars];
        Span<byte> wire = stackalloc byte[DnsName.MaxWireBytes];
        Law.Holds(name.TryFormat(text, out var characters), "every name has a presentation form");
        Law.Holds(name.TryCopyTo(wire, out var bytes), "every name has an uncompressed form");
        Law.Same(name.IsRoot, characters == 0, "only the root is empty");
        Law.Holds(DnsWireForm.Read(text[..characters], wire[..bytes]), "the presentation form says the bytes of the name");
        Law.Holds(name.IsSame(name) && name.IsSameCase(name), "every name is the same as itself");
    }

    private static void ReadData(DnsResourceRecord record)
    {
        if (record.Type == DnsQueryType.Txt)
        {
            foreach (var text in new DnsTexts(record))
            {
                Law.Holds(text.Length <= 255, "a string has at most 255 bytes");
            }
        }

        if (record.Type is DnsQueryType.Https or DnsQueryType.Svcb)
        {
            var last = -1;
            foreach (var parameter in new DnsServiceBinding(record).Parameters)
            {
                Law.Holds(parameter.Key > last, "keys ascend");
                last = parameter.Key;
            }
        }

        if (record.Type == DnsQueryType.Soa)
        {
            CheckName(new DnsZoneStart(record).PrimaryServer);
            CheckName(new DnsZoneStart(record).Mailbox);
        }
    }

    private static void CheckEdns(DnsMessage message)
    {
        Law.Holds(message.Edns.UdpPayloadBytes >= DnsEdns.MinUdpPayloadBytes, "nobody receives less than 512 bytes");
        foreach (var option in message.Edns.Options)
        {
            Law.Holds(!option.TryReadClientSubnet(out var subnet) || subnet.Address.Length <= 16, "a subnet is part of an address");
            _ = option.TryReadExtendedError(out _, out _);
        }
    }
}
