using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace PolicyProxy.Architecture.Tests.Layers;

/// <summary>
/// Reads from a compiled assembly which types every type uses: bases, fields, signatures, locals and every token in method bodies.
/// The compiled form is read because a source scan misses names that need no using directive.
/// </summary>
internal static class AssemblyReader
{
    /// <summary>Names of the assemblies a file references.</summary>
    public static IReadOnlyList<string> References(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        return [.. metadata.AssemblyReferences.Select(handle => metadata.GetString(metadata.GetAssemblyReference(handle).Name))];
    }

    /// <summary>All uses between different types, without duplicates.</summary>
    public static IReadOnlyList<TypeUse> Uses(string path)
    {
        using var file = new PEReader(File.OpenRead(path));
        var metadata = file.GetMetadataReader();
        var names = new TypeNames(metadata);
        var uses = new HashSet<TypeUse>();
        foreach (var handle in metadata.TypeDefinitions)
        {
            var user = names.Of(handle);
            var used = new HashSet<string>(StringComparer.Ordinal);
            Collect(file, metadata, names, metadata.GetTypeDefinition(handle), used);
            used.Remove(user);
            uses.UnionWith(used.Select(name => new TypeUse(user, name)));
        }

        return [.. uses];
    }

    private static void Collect(PEReader file, MetadataReader metadata, TypeNames names, TypeDefinition type, HashSet<string> used)
    {
        used.UnionWith(names.In(type.BaseType));
        foreach (var handle in type.GetInterfaceImplementations())
        {
            used.UnionWith(names.In(metadata.GetInterfaceImplementation(handle).Interface));
        }

        foreach (var handle in type.GetFields())
        {
            used.UnionWith(metadata.GetFieldDefinition(handle).DecodeSignature(names, null));
        }

        foreach (var handle in type.GetMethods())
        {
            var method = metadata.GetMethodDefinition(handle);
            used.UnionWith(TypeNames.Flatten(method.DecodeSignature(names, null)));
            if (method.RelativeVirtualAddress != 0)
            {
                Collect(metadata, names, file.GetMethodBody(method.RelativeVirtualAddress), used);
            }
        }
    }

    private static void Collect(MetadataReader metadata, TypeNames names, MethodBodyBlock body, HashSet<string> used)
    {
        if (!body.LocalSignature.IsNil)
        {
            foreach (var local in metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(names, null))
            {
                used.UnionWith(local);
            }
        }

        foreach (var region in body.ExceptionRegions.Where(region => !region.CatchType.IsNil))
        {
            used.UnionWith(names.In(region.CatchType));
        }

        foreach (var token in InstructionTokens.In(body.GetILReader()))
        {
            used.UnionWith(names.In(MetadataTokens.EntityHandle(token)));
        }
    }
}
