using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Fuzz.Dns;

/// <summary>What <see cref="DnsEch"/> writes has no keys, is not longer, and says otherwise what was said.</summary>
internal static class DnsEchLaw
{
    /// <summary>Removes the keys of a message that can be read.</summary>
    public static void Check(ReadOnlySpan<byte> input)
    {
        _ = DnsMessage.TryParse(input, DnsLimits.Default, out var message, out _);
        var destination = new byte[input.Length];
        var removal = DnsEch.Remove(message, destination, out var written);
        Law.Same(removal == DnsEchRemoval.Removed, written > 0, "bytes are written if keys are removed");
        Law.Same(removal == DnsEchRemoval.Absent, !HasKeys(message), "keys that are there are removed or refused");
        if (removal != DnsEchRemoval.Removed || !DnsMessage.TryParse(destination.AsSpan(0, written), DnsLimits.Default, out var rest, out _))
        {
            // a pointer can lead into opaque bytes that look like a pointer, which nobody moves: what is written is read again before it counts
            return;
        }

        Law.Holds(written < input.Length, "without keys a message is shorter");
        Law.Holds(!HasKeys(rest), "no keys are left");
        Law.Holds(rest.Question.Bytes.SequenceEqual(message.Question.Bytes), "the question is not touched");
        Law.Same(message.Header.RecordCount, rest.Header.RecordCount, "every record is still there");
        Law.Holds(DnsEch.Remove(rest, destination.AsSpan(written), out _) == DnsEchRemoval.Absent, "nothing is left to remove");
    }

    private static bool HasKeys(DnsMessage message)
    {
        foreach (var record in message.Records)
        {
            if (record.Type is DnsQueryType.Https or DnsQueryType.Svcb && new DnsServiceBinding(record).TryFind(DnsServiceParameter.Ech, out _))
            {
                return true;
            }
        }

        return false;
    }
}
