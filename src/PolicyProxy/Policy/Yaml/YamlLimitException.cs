using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Unwinds <see cref="YamlStreamParser"/> when a limit is exceeded; never leaves it.</summary>
internal sealed class YamlLimitException(SourceSpan span, string message) : Exception(message)
{
    public SourceSpan Span { get; } = span;
}
