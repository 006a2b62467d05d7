using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Fuzz.Dns;

/// <summary>Whatever was asked, what <see cref="DnsReplyWriter"/> answers is a message, and to a query it is the answer.</summary>
internal static class DnsReplyLaw
{
    /// <summary>Answers the input with an extended error.</summary>
    public static void Check(ReadOnlySpan<byte> input, bool isQuery)
    {
        var reply = new DnsReply
        {
            ResponseCode = DnsResponseCode.Refused,
            ExtendedError = DnsExtendedErrorCode.Prohibited,
            Text = "no rule allows this name"u8,
        };
        Span<byte> destination = stackalloc byte[DnsReplyWriter.MaxBytes];
        var length = DnsReplyWriter.Write(input, reply, destination);
        var isAnswerable = DnsReplyWriter.ResponseCodeFor(default, input) is not null;
        Law.Same(isAnswerable, length > 0, "every message with a header that is no response is answered");
        if (length == 0)
        {
            return;
        }

        // an opcode other than QUERY is repeated, and not read
        _ = DnsHeader.TryRead(input, out var header);
        var isRead = DnsAnswer.TryParse(destination[..length], DnsLimits.Default, out var answer, out var error);
        Law.Same(header.Opcode == 0 ? ProtocolErrorCode.None : ProtocolErrorCode.DnsOpcode, error.Code, "a reply is read");
        if (isRead)
        {
            Law.Same(DnsResponseCode.Refused, answer.ResponseCode, "a reply says its code");
            Law.Same(header.Id, answer.Id, "a reply repeats the id");
        }

        if (isQuery)
        {
            Law.Holds(DnsQuery.TryParse(input, DnsLimits.Default, new char[DnsName.MaxPresentationChars], out var query, out _) && answer.Matches(query), "a reply matches the query");
            Law.Same(query.Message.HasEdns, answer.Message.HasEdns, "EDNS is answered with EDNS");
        }
    }
}
