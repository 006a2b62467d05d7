using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>What the kernel does with a connection or a packet (<c>enum verdict</c>).</summary>
internal enum KernelVerdict : uint
{
    Deny = 0,
    Allow = 1,
    Proxy = 2,
}

/// <summary>Index of a counter of the shim (<c>enum counter</c>).</summary>
internal enum ShimCounter
{
    Connects,
    Allowed,
    Denied,
    Redirected,
    Published,
    Claimed,
    Unclaimed,
    Forgotten,
    PacketsPassed,
    PacketsDropped,
    SocketsRefused,
    BindsRefused,
    EventsLost,
    FramesDropped,
    SlotsExhausted,
}

/// <summary>Behaviour of the shim (<c>enum flag</c>).</summary>
[Flags]
internal enum ShimFlags : uint
{
    None = 0,
    LoopbackOpen = 1,
    Ping = 2,
    NoIpv6 = 4,
    IngressProxy = 8,
    TellAllowed = 16,
}

/// <summary><c>struct settings</c>. Ports are in network order where the C side says so.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelSettings
{
    public KernelAddress Proxy6;
    public uint Proxy4;
    public ShimFlags Flags;
    public ulong WorkloadCgroup;
    public uint WorkloadLevel;
    public ushort EgressPort;
    public ushort IngressPort;
    public ushort SlotBase;
    public ushort Slots;
    public uint Padding;
}

/// <summary><c>struct prefix_key</c>; the length counts from the start of the 16 bytes.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelPrefix
{
    public uint Length;
    public KernelAddress Address;
}

/// <summary><c>struct rule_key</c>.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelRule
{
    public uint Length;
    public uint Peers;
    public byte Direction;
    public byte Protocol;
    public ushort Port;
}

/// <summary><c>struct endpoint</c>; port in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelEndpoint
{
    public KernelAddress Address;
    public ushort Port;
    public ushort Padding;
}

/// <summary><c>struct asker_key</c>; port in network order.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelAsker
{
    public KernelAddress Address;
    public ushort Port;
    public ushort Padding;
}

/// <summary>A command name as the kernel keeps it, NUL padded.</summary>
[InlineArray(16)]
internal struct KernelCommand
{
    private byte _first;

    public override readonly string ToString()
    {
        ReadOnlySpan<byte> bytes = this;
        var end = bytes.IndexOf((byte)0);
        return System.Text.Encoding.UTF8.GetString(end < 0 ? bytes : bytes[..end]);
    }
}

/// <summary><c>struct event</c>: something the kernel let through or refused without asking the proxy.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct KernelEvent
{
    public ulong Time;
    public KernelAddress Local;
    public KernelAddress Peer;
    public ushort LocalPort;
    public ushort PeerPort;
    public byte Protocol;
    public byte Direction;
    public byte Verdict;
    public byte Padding;
    public ulong CgroupId;
    public uint ProcessId;
    public uint UserId;
    public uint Generation;
    public uint Repeated;
    public KernelCommand Command;
}
