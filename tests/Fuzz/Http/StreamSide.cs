using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>Which direction of a connection is read.</summary>
/// <param name="IsResponse">True for what the origin sends.</param>
/// <param name="To">What the first response answers; the others answer plain requests.</param>
internal readonly record struct StreamSide(bool IsResponse, Http1ResponseTo To);
