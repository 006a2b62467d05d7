namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>Capabilities by the kernel's numbers (linux/capability.h): those that confinement takes away or needs.</summary>
internal enum Capability
{
    DacReadSearch = 2,
    SetGid = 6,
    SetUid = 7,
    SetPCap = 8,
    NetAdmin = 12,
    NetRaw = 13,
    SysModule = 16,
    SysRawIO = 17,
    SysPtrace = 19,
    SysAdmin = 21,
    SysBoot = 22,
    MkNod = 27,
    MacOverride = 32,
    MacAdmin = 33,
    Perfmon = 38,
    Bpf = 39,
    CheckpointRestore = 40,
}
