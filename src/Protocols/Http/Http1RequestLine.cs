namespace PolicyProxy.Protocols.Http;

/// <summary>A request line cut into its parts (RFC 9112 §3): single spaces, a token, a target of one of four forms, version 1.0 or 1.1.</summary>
internal ref struct Http1RequestLine
{
    private const int VersionLength = 8;

    public ReadOnlySpan<byte> Method { get; private set; }

    /// <summary>Path and query; the whole target for the forms without a path.</summary>
    public ReadOnlySpan<byte> Path { get; private set; }

    /// <summary>Authority of the target; empty in origin and asterisk form.</summary>
    public ReadOnlySpan<byte> Authority { get; private set; }

    public Http1TargetForm Form { get; private set; }

    public bool IsVersion10 { get; private set; }

    public bool IsHttps { get; private set; }

    /// <summary>Digits of the port in <see cref="Authority"/>; 0 without one.</summary>
    public int PortDigits { get; private set; }

    /// <summary>Reads the line without its CRLF; all its bytes but tabs are known to be no controls.</summary>
    public bool TryRead(ReadOnlySpan<byte> line, HttpLimits limits, out ProtocolError error)
    {
        var methodLength = line.IndexOfAnyExcept(Http1Syntax.TokenBytes);
        var code = methodLength < 0 ? ProtocolErrorCode.HttpRequestLine
            : methodLength == 0 || line[methodLength] != ' ' ? ProtocolErrorCode.HttpMethod
            : methodLength > limits.MaxMethodBytes ? ProtocolErrorCode.HttpMethodTooLong
            : ProtocolErrorCode.None;
        if (code != ProtocolErrorCode.None)
        {
            error = new(code, Math.Max(methodLength, 0));
            return false;
        }

        Method = line[..methodLength];
        var targetOffset = methodLength + 1;
        var rest = line[targetOffset..];
        code = ReadVersion(rest);
        if (code != ProtocolErrorCode.None)
        {
            error = new(code, Math.Max(targetOffset, line.Length - VersionLength));
            return false;
        }

        error = ReadTarget(rest[..(rest.Length - VersionLength - 1)], limits);
        error = error.Code == ProtocolErrorCode.None ? default : error with { Offset = targetOffset + error.Offset };
        return error.Code == ProtocolErrorCode.None;
    }

    private ProtocolErrorCode ReadVersion(ReadOnlySpan<byte> rest)
    {
        if (rest.Length <= VersionLength || rest[^(VersionLength + 1)] != ' ')
        {
            return ProtocolErrorCode.HttpRequestLine;
        }

        var version = rest[^VersionLength..];
        IsVersion10 = version.SequenceEqual("HTTP/1.0"u8);
        return IsVersion10 || version.SequenceEqual("HTTP/1.1"u8) ? ProtocolErrorCode.None : Http1Version.CodeOf(version, ProtocolErrorCode.HttpRequestLine);
    }

    private ProtocolError ReadTarget(ReadOnlySpan<byte> target, HttpLimits limits)
    {
        if (target.IsEmpty || target.Length > limits.MaxTargetBytes)
        {
            return new(target.IsEmpty ? ProtocolErrorCode.HttpTargetForm : ProtocolErrorCode.HttpTargetTooLong, 0);
        }

        var bad = target.IndexOfAnyExcept(Http1Syntax.TargetBytes);
        if (bad >= 0)
        {
            return new(CodeOfTarget(target[bad]), bad);
        }

        Path = target;
        if (Method.SequenceEqual("CONNECT"u8))
        {
            Form = Http1TargetForm.Authority;
            return ReadAuthority(target, 0, limits) is { Code: not ProtocolErrorCode.None } error ? error
                : PortDigits == 0 ? new(ProtocolErrorCode.HttpTargetForm, 0)
                : default;
        }

        if (target[0] == '/')
        {
            return default;
        }

        if (target.SequenceEqual("*"u8))
        {
            Form = Http1TargetForm.Asterisk;
            return Method.SequenceEqual("OPTIONS"u8) ? default : new(ProtocolErrorCode.HttpTargetForm, 0);
        }

        return ReadAbsolute(target, limits);
    }

    private ProtocolError ReadAbsolute(ReadOnlySpan<byte> target, HttpLimits limits)
    {
        Form = Http1TargetForm.Absolute;
        var end = target.IndexOf("://"u8);
        if (end <= 0)
        {
            return new(ProtocolErrorCode.HttpTargetForm, 0);
        }

        IsHttps = Http1Syntax.IsName(target[..end], "https"u8);
        if (!IsHttps && !Http1Syntax.IsName(target[..end], "http"u8))
        {
            return new(ProtocolErrorCode.HttpScheme, 0);
        }

        var start = end + 3;
        var length = target[start..].IndexOf((byte)'/');
        Path = length < 0 ? "/"u8 : target[(start + length)..];

        // RFC 9112 §3.2.4: without a path, OPTIONS asks about "*" and not about "/"
        return length < 0 && Method.SequenceEqual("OPTIONS"u8)
            ? new(ProtocolErrorCode.HttpTargetForm, 0)
            : ReadAuthority(length < 0 ? target[start..] : target.Slice(start, length), start, limits);
    }

    private ProtocolError ReadAuthority(ReadOnlySpan<byte> authority, int offset, HttpLimits limits)
    {
        var code = Http1Authority.Check(authority, limits.MaxAuthorityBytes, out var portDigits);
        Authority = authority;
        PortDigits = portDigits;
        return code == ProtocolErrorCode.None ? default : new(code, offset);
    }

    private static ProtocolErrorCode CodeOfTarget(byte octet) => octet switch
    {
        (byte)'#' => ProtocolErrorCode.HttpTargetFragment,
        > 0x7F => ProtocolErrorCode.HttpTargetNonAscii,
        _ => ProtocolErrorCode.HttpTargetControl,
    };
}
