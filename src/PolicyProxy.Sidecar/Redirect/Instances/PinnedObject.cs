using System.Text;
using PolicyProxy.Sidecar.Relay.Sockets;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>A BPF object that a file in the bpffs keeps alive.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">What it keeps.</param>
/// <param name="CgroupId">For a link to a cgroup that lives: its id. Otherwise 0.</param>
/// <param name="NamespaceId">For a link to a network namespace that lives: its inode number. Otherwise 0.</param>
internal sealed unsafe record PinnedObject(string Path, PinKind Kind, ulong CgroupId, ulong NamespaceId)
{
    private const int OBJ_GET = 7;
    private const int OBJ_GET_INFO_BY_FD = 15;
    private const uint CgroupLink = 3;
    private const uint NamespaceLink = 5;

    /// <summary>Looks at a pin. What may not be opened is of unknown kind.</summary>
    public static PinnedObject Open(string path)
    {
        fixed (byte* name = Encoding.UTF8.GetBytes(path + "\0"))
        {
            // union bpf_attr: pathname, bpf_fd, file_flags
            var attributes = stackalloc ulong[2] { (ulong)name, 0 };
            var descriptor = BpfSyscall.Invoke(OBJ_GET, attributes, 16);
            if (descriptor < 0)
            {
                return new PinnedObject(path, PinKind.Unknown, 0, 0);
            }

            var kind = KindOf(descriptor);
            var (cgroup, ns) = kind == PinKind.Link ? TargetOf(descriptor) : (0, 0);
            _ = Libc.close(descriptor);
            return new PinnedObject(path, kind, cgroup, ns);
        }
    }

    private static PinKind KindOf(int descriptor) => new FileInfo($"/proc/self/fd/{descriptor}").LinkTarget switch
    {
        "anon_inode:bpf-link" or "anon_inode:bpf_link" => PinKind.Link,
        "anon_inode:bpf-map" => PinKind.Map,
        "anon_inode:bpf-prog" => PinKind.Program,
        _ => PinKind.Unknown,
    };

    private static (ulong Cgroup, ulong Namespace) TargetOf(int descriptor)
    {
        // struct bpf_link_info: type, id, prog_id, then at 16 for a cgroup its id (8 bytes), for a network namespace its inode number (4 bytes)
        var answer = stackalloc uint[32];
        new Span<uint>(answer, 32).Clear();
        // union bpf_attr: bpf_fd, info_len, info
        var attributes = stackalloc ulong[2] { (uint)descriptor | ((ulong)(32 * sizeof(uint)) << 32), (ulong)answer };
        if (BpfSyscall.Invoke(OBJ_GET_INFO_BY_FD, attributes, 16) != 0)
        {
            return (0, 0);
        }

        return answer[0] switch
        {
            CgroupLink => (*(ulong*)(answer + 4), 0),
            NamespaceLink => (0, answer[4]),
            _ => (0, 0),
        };
    }
}

/// <summary>What a pin keeps alive.</summary>
internal enum PinKind
{
    /// <summary>Not a BPF object, or one that may not be opened.</summary>
    Unknown,

    /// <summary>Data of the programs.</summary>
    Map,

    /// <summary>Code, attached to nothing by itself.</summary>
    Program,

    /// <summary>A program attached to a cgroup or namespace. Removing the last pin of a link whose owner is dead opens that gate.</summary>
    Link,
}
