using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Result of one reading: what was understood, and every problem in all texts.</summary>
/// <param name="Objects">Objects without error. A rejected object is not in here.</param>
/// <param name="Diagnostics">In the order of the input.</param>
/// <param name="Items">One per object of the input, rejected ones included, in order of <see cref="ReadItem.Index"/>.</param>
internal sealed record PolicyReading(PolicyObjects Objects, IReadOnlyList<PolicyDiagnostic> Diagnostics, IReadOnlyList<ReadItem> Items);

/// <summary>One object of the input. Elements of a List count one by one; a text that is not YAML counts as one.</summary>
/// <param name="Index">0-based position over all texts.</param>
/// <param name="Span">Where the object starts.</param>
/// <param name="Kind">Kind as written; empty when it could not be read.</param>
/// <param name="Name">Name as written; empty when it could not be read.</param>
/// <param name="Rejected">True when an error was reported for the object.</param>
internal readonly record struct ReadItem(int Index, SourceSpan Span, string Kind, string Name, bool Rejected);
