namespace PolicyProxy.Protocols.Http;

/// <summary>What <see cref="UrlPath.Classify"/> found out about a raw request-target.</summary>
public enum UrlPathForm
{
    /// <summary>Malformed, or read in too many ways to judge. Must be refused with 400. The zero value, so it fails closed.</summary>
    Invalid = 0,

    /// <summary>Every origin reads the path alike; judging the raw target is enough.</summary>
    Canonical = 1,

    /// <summary>Origins may rewrite the path before they route; judge the raw target and the one of <see cref="UrlPath.WriteCanonical"/>.</summary>
    NeedsCanonical = 2,
}
