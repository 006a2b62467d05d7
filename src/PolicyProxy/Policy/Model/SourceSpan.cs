namespace PolicyProxy.Policy.Model;

/// <summary>Where a YAML node stands: file as the user named it, 1-based line and column of its first character.</summary>
internal readonly record struct SourceSpan(string File, int Line, int Column)
{
    public override string ToString() => $"{File}:{Line}:{Column}";
}

/// <summary>A value the user wrote, with its place. Nothing is validated yet.</summary>
internal readonly record struct Located<T>(T Value, SourceSpan Span);
