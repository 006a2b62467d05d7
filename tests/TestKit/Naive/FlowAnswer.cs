namespace PolicyProxy.TestKit.Naive;

/// <summary>The answer to a <see cref="FlowQuestion"/>, in the words of the vector format.</summary>
internal sealed record FlowAnswer
{
    /// <summary>Policies that select the subject contradict each other (semantics 4.5).</summary>
    public static FlowAnswer Error { get; } = new() { Enforced = true, L4 = "", L7Protocol = "", L7 = "", Verdict = "error" };

    public required bool Enforced { get; init; }

    /// <summary><c>allowed</c>, <c>denied</c> or <c>redirect</c>.</summary>
    public required string L4 { get; init; }

    /// <summary><c>none</c>, <c>http</c>, <c>dns</c>, <c>tls</c>, <c>kafka</c> or <c>crd</c>.</summary>
    public string L7Protocol { get; init; } = "none";

    /// <summary><c>none</c>, <c>allowed</c>, <c>denied</c>, <c>not-evaluated</c> or <c>listener</c>.</summary>
    public string L7 { get; init; } = "none";

    /// <summary><c>allowed</c>, <c>denied</c> or <c>error</c>.</summary>
    public required string Verdict { get; init; }

    /// <summary>Headers after the edits of an allowed request, names in lower case; null when nothing changed.</summary>
    public IReadOnlyList<HeaderLine>? HeadersAfter { get; init; }

    /// <summary><c>spire</c>, <c>test-always-fail</c> or null.</summary>
    public string? Auth { get; init; }

    public bool Equals(FlowAnswer? other) =>
        other is not null && Enforced == other.Enforced && L4 == other.L4 && L7Protocol == other.L7Protocol && L7 == other.L7
        && Verdict == other.Verdict && Auth == other.Auth
        && (HeadersAfter ?? []).SequenceEqual(other.HeadersAfter ?? []);

    public override int GetHashCode() => HashCode.Combine(Enforced, L4, L7Protocol, L7, Verdict, Auth);

    public override string ToString()
    {
        var text = $"{Verdict} (enforced={(Enforced ? "yes" : "no")} l4={L4} l7protocol={L7Protocol} l7={L7}";
        text += Auth is null ? "" : $" auth={Auth}";
        text += HeadersAfter is null ? "" : $" headers=[{string.Join(", ", HeadersAfter.Select(h => $"{h.Name}: {h.Value}"))}]";
        return text + ")";
    }
}
