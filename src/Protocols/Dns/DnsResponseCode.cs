namespace PolicyProxy.Protocols.Dns;

/// <summary>Response codes (IANA DNS parameters, RCODEs). Others are valid too and have no name here.</summary>
public enum DnsResponseCode
{
    /// <summary>NOERROR.</summary>
    NoError = 0,

    /// <summary>FORMERR: the server could not read the query.</summary>
    FormatError = 1,

    /// <summary>SERVFAIL: the server could not answer.</summary>
    ServerFailure = 2,

    /// <summary>NXDOMAIN: the name does not exist.</summary>
    NameError = 3,

    /// <summary>NOTIMP: the opcode is not supported.</summary>
    NotImplemented = 4,

    /// <summary>REFUSED: policy forbids the answer.</summary>
    Refused = 5,

    /// <summary>BADVERS: the EDNS version is not supported (RFC 6891 §9). Beyond four bits, so only with EDNS.</summary>
    BadVersion = 16,
}
