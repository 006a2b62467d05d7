using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Whether the library that loads the programs is installed, in its first major version.</summary>
internal static unsafe class LibbpfCheck
{
    private const string Name = "libbpf";
    private const string FileName = "libbpf.so.1";

    public static Requirement Check()
    {
        if (!NativeLibrary.TryLoad(FileName, out var library))
        {
            return Requirement.Missing(Name, RequiredFor.Both, $"{FileName} cannot be loaded", "apt-get install libbpf1 (Fedora: dnf install libbpf; Alpine: apk add libbpf)");
        }

        // Never freed: the shim uses the same library next.
        var version = NativeLibrary.TryGetExport(library, "libbpf_version_string", out var function)
            ? Marshal.PtrToStringUTF8((nint)((delegate* unmanaged<byte*>)function)())
            : null;
        return Requirement.Ok(Name, RequiredFor.Both, $"{FileName} {version}".TrimEnd());
    }
}
