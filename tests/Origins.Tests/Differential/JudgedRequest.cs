namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>A field line.</summary>
/// <param name="Name">Name in lower case.</param>
/// <param name="Value">Value without white space around it.</param>
internal sealed record JudgedField(string Name, string Value);

/// <summary>One request as the parser reads it, in the terms in which origins report theirs. Texts hold one byte per character.</summary>
internal sealed record JudgedRequest
{
    public required string Method { get; init; }

    /// <summary>Path and query, without the authority of an absolute form.</summary>
    public required string Path { get; init; }

    /// <summary>Authority by which the request is judged; empty if there is none.</summary>
    public required string Authority { get; init; }

    /// <summary>True if the request has a Host field. Without one, only an absolute form has an authority.</summary>
    public required bool HasHost { get; init; }

    public required long BodyBytes { get; init; }

    /// <summary>As <see cref="TestKit.Origins.OriginRequest.Digest"/>.</summary>
    public required string BodyDigest { get; init; }

    /// <summary>The X-Team fields and those whose names some take for it: X_Team, X.Team.</summary>
    public required IReadOnlyList<JudgedField> Teams { get; init; }

    public override string ToString() => $"{Method} {Path} (host {Authority}, {BodyBytes} bytes, teams {string.Join(' ', Teams)})";
}
