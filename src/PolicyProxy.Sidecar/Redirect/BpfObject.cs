namespace PolicyProxy.Sidecar.Redirect;

/// <summary>The shim's programs and maps as libbpf loads them from the object embedded in this program. Not thread-safe.</summary>
internal sealed unsafe class BpfObject : IDisposable
{
    private const string ResourceName = "redirect.bpf.o";

    private static Task<BpfObject>? s_ahead;

    private nint _handle;

    private BpfObject(nint handle) => _handle = handle;

    /// <summary>Begins what the next <see cref="Open"/> does, on another thread: it takes some 10 ms, most of them for libbpf itself.</summary>
    public static void OpenAhead() => s_ahead ??= Task.Run(Read);

    /// <summary>Reads the object; nothing is in the kernel yet.</summary>
    /// <exception cref="ShimException">libbpf is missing or refuses the object.</exception>
    public static BpfObject Open() => Interlocked.Exchange(ref s_ahead, null) is { } ahead ? ahead.GetAwaiter().GetResult() : Read();

    private static BpfObject Read()
    {
        using var resource = typeof(BpfObject).Assembly.GetManifestResourceStream(ResourceName)
            ?? throw new ShimException($"{ResourceName} is not part of this program");
        var image = new byte[resource.Length];
        resource.ReadExactly(image);
        try
        {
            BpfLog.Capture();
            fixed (byte* bytes = image)
            {
                var handle = LibBpf.bpf_object__open_mem(bytes, (nuint)image.Length, null);
                return handle == 0 ? throw ShimException.Of("open the BPF object") : new BpfObject(handle);
            }
        }
        catch (DllNotFoundException missing)
        {
            throw new ShimException("libbpf.so.1 is not installed: apt-get install libbpf1 (Fedora: libbpf, Alpine: libbpf)", missing);
        }
    }

    /// <summary>Makes the map outlive this process: a map that is pinned there already is used, else a new one is pinned when loading.</summary>
    public void Pin(string map, string path) => Check(LibBpf.bpf_map__set_pin_path(FindMap(map), path), $"pin map {map}");

    /// <summary>Gives the program's constants their values; before loading only.</summary>
    public void SetConstants<T>(T value)
        where T : unmanaged =>
        Check(LibBpf.bpf_map__set_initial_value(FindMap(".rodata"), &value, (nuint)sizeof(T)), "set the constants");

    /// <summary>Puts programs and maps into the kernel.</summary>
    /// <exception cref="ShimException">The kernel refuses; the message has the verifier's last lines.</exception>
    public void Load() => Check(LibBpf.bpf_object__load(_handle), "load the BPF programs");

    public BpfMap<TKey, TValue> Map<TKey, TValue>(string name)
        where TKey : unmanaged
        where TValue : unmanaged =>
        new(LibBpf.bpf_map__fd(FindMap(name)), name);

    public nint Program(string name) => LibBpf.bpf_object__find_program_by_name(_handle, name) is var program and not 0
        ? program
        : throw ShimException.Of($"find program {name}");

    /// <summary>Gives back the descriptors; pinned maps and links stay in the kernel.</summary>
    public void Dispose()
    {
        if (_handle != 0)
        {
            LibBpf.bpf_object__close(_handle);
            _handle = 0;
        }
    }

    private nint FindMap(string name) => LibBpf.bpf_object__find_map_by_name(_handle, name) is var map and not 0
        ? map
        : throw ShimException.Of($"find map {name}");

    private static void Check(int result, string step)
    {
        if (result != 0)
        {
            throw ShimException.Of(step);
        }
    }
}
