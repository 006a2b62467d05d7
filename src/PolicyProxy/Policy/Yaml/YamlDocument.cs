using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>One document of a YAML stream. <paramref name="Root"/> is null when the document is broken; the reason is in the diagnostics.</summary>
internal readonly record struct YamlDocument(SourceSpan Span, YamlValue? Root);
