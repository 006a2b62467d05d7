namespace PolicyProxy.Protocols.Http;

/// <summary>
/// An HTTP request as policy sees it, whoever parsed it. Implemented by structs over a host's own objects and by ref structs over
/// bytes, so that every door shares one matcher. Members are called several times per check and must not allocate.
/// </summary>
public interface IHttpRequest
{
    /// <summary>Method token, case-sensitive (RFC 9110 §9.1).</summary>
    ReadOnlySpan<char> Method { get; }

    /// <summary>Request-target in origin form, path and query exactly as received (RFC 9112 §3.2.1); never decoded.</summary>
    ReadOnlySpan<char> Path { get; }

    /// <summary>Host field or <c>:authority</c> as received, port included if the client sent one; empty when there is none.</summary>
    ReadOnlySpan<char> Authority { get; }

    /// <summary>URI scheme of the request: <c>http</c> or <c>https</c>. Reported, and matched only by rules that name <c>:scheme</c>.</summary>
    ReadOnlySpan<char> Scheme { get; }

    /// <summary>Protocol version as reported in flows: <c>HTTP/1.1</c>, <c>HTTP/2</c>. Never matched.</summary>
    ReadOnlySpan<char> Protocol { get; }

    /// <summary>True if a field line with this name is present, even with an empty value.</summary>
    /// <param name="name">Lower-case field name; pseudo headers such as <c>:path</c> are allowed.</param>
    bool HasHeader(string name);

    /// <summary>True if the values of all lines with this name, joined with "," in order, equal <paramref name="value"/> exactly.</summary>
    /// <param name="name">Lower-case field name.</param>
    /// <param name="value">Expected joined value, case-sensitive.</param>
    bool HeaderEquals(string name, string value);

    /// <summary>True if the joined value starts with <paramref name="prefix"/>, compared without case (media types are case-insensitive).</summary>
    /// <param name="name">Lower-case field name.</param>
    /// <param name="prefix">Lower-case prefix.</param>
    bool HeaderStartsWith(string name, string prefix);

    /// <summary>True if one of the <see cref="HttpOverrides"/> is present, in any spelling.</summary>
    bool HasOverride { get; }

    /// <summary>Copies the values of all lines with this name, joined with ",".</summary>
    /// <param name="name">Lower-case field name; no pseudo header.</param>
    /// <param name="destination">Takes the characters; bytes from 0x80 up become the characters of the same number.</param>
    /// <returns>Length of the value; -1 if no line has the name. If it is more than the destination holds, nothing there is of use.</returns>
    int CopyHeader(string name, scoped Span<char> destination);
}
