using System.Buffers.Binary;
using System.Net;
using System.Runtime.InteropServices;
using System.Text;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// What the kernel knows of a redirected connection (<c>struct conn_info</c>), and what it is told of the client of an inbound one. Host byte
/// order but for address and port.
/// </summary>
[StructLayout(LayoutKind.Sequential)]
internal struct RedirectedConnection
{
    /// <summary>Size in bytes, the same in the shim.</summary>
    public const int Bytes = 64;

    private const byte Ipv4Family = 2;
    private const byte Ipv6Family = 10;

    private KernelAddress _address;
    private ushort _networkPort;

    /// <summary>Address family of the client's call: 2 or 10. It may be 10 although the address is IPv4.</summary>
    public byte Family;

    /// <summary>A <see cref="KernelVerdict"/>.</summary>
    public byte Verdict;

    /// <summary>User of the process.</summary>
    public uint UserId;

    /// <summary>Control group of the process.</summary>
    public ulong CgroupId;

    /// <summary>Socket cookie of the client's socket.</summary>
    public ulong Cookie;

    /// <summary>Process id in the initial process namespace.</summary>
    public uint ProcessId;

    /// <summary>Generation of the policy tables that redirected it.</summary>
    public uint Generation;

    private KernelCommand _command;

    /// <summary>The original destination; of what the kernel is told, the true client. IPv4 as such.</summary>
    public IPEndPoint EndPoint
    {
        readonly get => new(_address.ToAddress(), BinaryPrimitives.ReverseEndianness(_networkPort));
        set
        {
            _address = KernelAddress.Of(value.Address);
            _networkPort = BinaryPrimitives.ReverseEndianness((ushort)value.Port);
            Family = value.AddressFamily == System.Net.Sockets.AddressFamily.InterNetwork ? Ipv4Family : Ipv6Family;
        }
    }

    /// <summary>Command name, at most 15 bytes; the process may have chosen it.</summary>
    public string Command
    {
        readonly get => _command.ToString();
        set
        {
            var bytes = Encoding.UTF8.GetBytes(value);
            _command = default;
            bytes.AsSpan(0, Math.Min(bytes.Length, 15)).CopyTo(_command);
        }
    }

    /// <summary>True if this speaks of a connection that was sent to the proxy, and says where it was going.</summary>
    public readonly bool IsComplete => Verdict == (byte)KernelVerdict.Proxy && Family is Ipv4Family or Ipv6Family && _networkPort != 0;

    /// <summary>The process that connected.</summary>
    public readonly WorkloadProcess Process => new() { Id = (int)ProcessId, Command = Command, UserId = UserId, CgroupId = CgroupId };
}
