namespace PolicyProxy.Protocols;

/// <summary>The part of <see cref="ProtocolErrorText"/> about DNS.</summary>
internal static class DnsErrorText
{
    /// <summary>As <see cref="ProtocolErrorText.Describe"/>.</summary>
    public static string Describe(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.DnsLabel => "a label is longer than 63 bytes",
        ProtocolErrorCode.DnsName => "a name is longer than 255 bytes",
        ProtocolErrorCode.DnsLabelType => "a label is of a reserved type",
        ProtocolErrorCode.DnsPointer => "a compression pointer does not lead strictly backwards or stands where none may",
        ProtocolErrorCode.DnsDirection => "a response stands for a query or a query for a response",
        ProtocolErrorCode.DnsOpcode => "the opcode is not QUERY",
        ProtocolErrorCode.DnsQuestionCount => "the number of questions is not one",
        ProtocolErrorCode.DnsQueryRecord => "a query has records besides EDNS and signatures",
        ProtocolErrorCode.DnsData => "the data of a record does not have the length of its type",
        ProtocolErrorCode.DnsEdns => "an OPT record is repeated, misplaced or malformed",
        ProtocolErrorCode.DnsServiceParameter => "service parameters are out of order or malformed",
        ProtocolErrorCode.DnsFrameLength => "the frame length is smaller than a message header",
        _ => "",
    };

    /// <summary>As <see cref="ProtocolErrorText.Source"/>.</summary>
    public static string Source(ProtocolErrorCode code) => code switch
    {
        ProtocolErrorCode.DnsLabel or ProtocolErrorCode.DnsName => "RFC 1035 §2.3.4",
        ProtocolErrorCode.DnsLabelType or ProtocolErrorCode.DnsPointer => "RFC 1035 §4.1.4",
        ProtocolErrorCode.DnsDirection or ProtocolErrorCode.DnsOpcode => "RFC 1035 §4.1.1",
        ProtocolErrorCode.DnsQuestionCount => "RFC 9619 §4",
        ProtocolErrorCode.DnsQueryRecord => "RFC 1035 §4.1",
        ProtocolErrorCode.DnsData => "RFC 1035 §3.3",
        ProtocolErrorCode.DnsEdns => "RFC 6891 §6.1.1",
        ProtocolErrorCode.DnsServiceParameter => "RFC 9460 §2.2",
        ProtocolErrorCode.DnsFrameLength => "RFC 7766 §8",
        _ => "",
    };
}
