namespace PolicyProxy.Policy.Identities;

/// <summary>Direction of a flow, seen from the subject of the policy. Numbers are Hubble's.</summary>
public enum TrafficDirection
{
    /// <summary>Not known.</summary>
    Unknown = 0,

    /// <summary>The peer connects to the subject.</summary>
    Ingress = 1,

    /// <summary>The subject connects to the peer.</summary>
    Egress = 2,
}

/// <summary>Transport protocol of a flow. Numbers are IANA's (RFC 5237).</summary>
public enum TransportProtocol : byte
{
    /// <summary>Any protocol; only in rules.</summary>
    Any = 0,

    /// <summary>ICMP for IPv4.</summary>
    Icmp = 1,

    /// <summary>TCP.</summary>
    Tcp = 6,

    /// <summary>UDP.</summary>
    Udp = 17,

    /// <summary>ICMP for IPv6.</summary>
    IcmpV6 = 58,

    /// <summary>SCTP.</summary>
    Sctp = 132,
}
