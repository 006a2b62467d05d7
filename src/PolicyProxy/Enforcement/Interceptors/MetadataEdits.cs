using Grpc.Core;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Interceptors;

/// <summary>Makes the header edits of a verdict in the metadata of a call.</summary>
internal static class MetadataEdits
{
    /// <summary>Makes the edits in order.</summary>
    /// <exception cref="RpcException">A name cannot be one of metadata; the call must not be made.</exception>
    public static void Apply(IReadOnlyList<HeaderEdit> edits, Metadata metadata)
    {
        foreach (var edit in edits)
        {
            if (edit.Kind != HeaderEditKind.Add)
            {
                Remove(metadata, edit.Name);
            }

            if (edit.Kind != HeaderEditKind.Delete)
            {
                Add(metadata, edit);
            }
        }
    }

    private static void Remove(Metadata metadata, string name)
    {
        for (var i = metadata.Count - 1; i >= 0; i--)
        {
            if (string.Equals(metadata[i].Key, name, StringComparison.OrdinalIgnoreCase))
            {
                metadata.RemoveAt(i);
            }
        }
    }

    private static void Add(Metadata metadata, HeaderEdit edit)
    {
        try
        {
            metadata.Add(edit.Name, edit.Value);
        }
        catch (ArgumentException)
        {
            // Never the value: it may be a secret.
            throw new RpcException(new Status(StatusCode.Internal, $"a rule sets the header field '{edit.Name}', which metadata cannot have"));
        }
    }
}
