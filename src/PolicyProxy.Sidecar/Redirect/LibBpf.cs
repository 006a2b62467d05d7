using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// The calls of libbpf 1.x the shim is made of. Pointers come back null and numbers negative on failure, with the reason in
/// <see cref="Marshal.GetLastPInvokeError"/>.
/// </summary>
internal static unsafe partial class LibBpf
{
    private const string Library = "libbpf.so.1";

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_object__open_mem(byte* image, nuint size, void* options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_object__load(nint @object);

    [LibraryImport(Library)]
    public static partial void bpf_object__close(nint @object);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_program_by_name(nint @object, string name);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_object__find_map_by_name(nint @object, string name);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_map__set_pin_path(nint map, string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map__set_initial_value(nint map, void* data, nuint size);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map__fd(nint map);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_program__fd(nint program);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach_cgroup(nint program, int cgroup);

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint bpf_program__attach_netns(nint program, int netns);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint bpf_link__open(string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_link__update_program(nint link, nint program);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_link__pin(nint link, string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_link_create(int program, int target, int attachType, void* options);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_obj_pin(int descriptor, string path);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_link__destroy(nint link);

    [LibraryImport(Library, SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int bpf_map_create(int type, string name, uint keySize, uint valueSize, uint maxEntries, MapCreateOptions* options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_update_elem(int map, void* key, void* value, ulong flags);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_lookup_elem(int map, void* key, void* value);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_delete_elem(int map, void* key);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_map_get_next_key(int map, void* key, void* next);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_prog_test_run_opts(int program, TestRunOptions* options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_tc_hook_create(TcHook* hook);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_tc_attach(TcHook* hook, TcOptions* options);

    [LibraryImport(Library, SetLastError = true)]
    public static partial int bpf_tc_detach(TcHook* hook, TcOptions* options);

    [LibraryImport(Library)]
    public static partial int libbpf_num_possible_cpus();

    [LibraryImport(Library, SetLastError = true)]
    public static partial nint ring_buffer__new(int map, delegate* unmanaged[Cdecl]<void*, void*, nuint, int> callback, void* context, void* options);

    [LibraryImport(Library)]
    public static partial int ring_buffer__epoll_fd(nint ring);

    [LibraryImport(Library)]
    public static partial int ring_buffer__consume(nint ring);

    [LibraryImport(Library)]
    public static partial void ring_buffer__free(nint ring);

    [LibraryImport(Library)]
    public static partial nint libbpf_set_print(delegate* unmanaged[Cdecl]<int, byte*, void*, int> print);

    /// <summary><c>struct bpf_map_create_opts</c>, as far as it is used.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct MapCreateOptions
    {
        public nuint Size;
        public uint BtfFd;
        public uint BtfKeyTypeId;
        public uint BtfValueTypeId;
        public uint BtfVmlinuxValueTypeId;
        public uint InnerMapFd;
        public uint MapFlags;
        public ulong MapExtra;
        public uint NumaNode;
        public uint MapIfindex;
    }

    /// <summary><c>struct bpf_test_run_opts</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TestRunOptions
    {
        public nuint Size;
        public void* DataIn;
        public void* DataOut;
        public uint DataSizeIn;
        public uint DataSizeOut;
        public void* ContextIn;
        public void* ContextOut;
        public uint ContextSizeIn;
        public uint ContextSizeOut;
        public uint ReturnValue;
        public int Repeat;
        public uint Duration;
        public uint Flags;
        public uint Cpu;
        public uint BatchSize;
    }

    /// <summary><c>struct bpf_tc_hook</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcHook
    {
        public nuint Size;
        public int Ifindex;
        public int AttachPoint;
        public uint Parent;
    }

    /// <summary><c>struct bpf_tc_opts</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct TcOptions
    {
        public nuint Size;
        public int ProgramFd;
        public uint Flags;
        public uint ProgramId;
        public uint Handle;
        public uint Priority;
    }
}
