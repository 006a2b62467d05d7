using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary><c>metadata</c> of an object, as far as policy needs it. <see cref="Namespace"/> is null when not given.</summary>
internal sealed record ObjectMetadata(SourceSpan Span, string Name, string? Namespace)
{
    public IReadOnlyDictionary<string, string> Labels { get; init; } = new Dictionary<string, string>();

    public IReadOnlyDictionary<string, string> Annotations { get; init; } = new Dictionary<string, string>();

    /// <summary>Reads <c>metadata</c>; a missing name is an error and gives an empty name.</summary>
    public static ObjectMetadata Decode(FieldReader root, DecodeScope scope)
    {
        if (root.Map("metadata") is not { } fields)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, root.Span, "metadata.name is missing", "give the object a name");
            return new ObjectMetadata(root.Span, "", null);
        }

        var name = fields.Text("name");
        var ns = fields.Text("namespace");
        var metadata = new ObjectMetadata(name?.Span ?? fields.Span, name?.Value ?? "", ns is { Value.Length: > 0 } ? ns.Value.Value : null)
        {
            Labels = fields.TextDictionary("labels"),
            Annotations = fields.TextDictionary("annotations"),
        };
        if (metadata.Name.Length == 0 && fields.Find("name") is null or { Text.Length: 0, Kind: YamlValueKind.Text })
        {
            scope.Error(PolicyDiagnosticIds.MissingField, fields.Span, "metadata.name is missing", "give the object a name");
        }

        fields.Ignore(
            "uid", "resourceVersion", "generation", "generateName", "creationTimestamp", "deletionTimestamp", "deletionGracePeriodSeconds",
            "ownerReferences", "finalizers", "managedFields", "selfLink");
        fields.Close();
        return metadata;
    }
}
