using PolicyProxy.TestKit.Origins;

namespace PolicyProxy.Origins.Tests.Bypass;

/// <summary>A request that real clients send and the policy allows: it has to come through as it is.</summary>
internal sealed record LegitimateCase
{
    public required string Name { get; init; }

    public string Method { get; init; } = "GET";

    /// <summary>As sent; below <c>/legit/</c>, which the policy allows for every method and host.</summary>
    public required string Target { get; init; }

    public string Version { get; init; } = "HTTP/1.1";

    /// <summary>Field lines, Host included.</summary>
    public IReadOnlyList<string> Fields { get; init; } = [$"Host: {BypassCase.Host}"];

    /// <summary>Body with its framing.</summary>
    public string Body { get; init; } = string.Empty;

    /// <summary>Body without its framing.</summary>
    public string Content { get; init; } = string.Empty;

    /// <summary>Origins that refuse it themselves; the sidecar has to hand it on all the same.</summary>
    public IReadOnlyList<OriginKind> RefusedBy { get; init; } = [];

    public string Bytes => $"{Method} {Target} {Version}\r\n{string.Concat(Fields.Select(static line => line + "\r\n"))}\r\n{Body}";

    /// <summary>Value of a field line; empty without it.</summary>
    public string Value(string name) =>
        Fields.Where(field => field.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase)).Select(field => field[(name.Length + 1)..].Trim()).FirstOrDefault() ?? string.Empty;
}
