using System.Net;
using System.Net.Sockets;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>
/// The listening sockets and the bound datagram sockets of the process before this one, asked for over its hand-over socket. It goes on serving until
/// <see cref="Confirm"/>; if this process fails before that, nothing has changed for anybody.
/// </summary>
internal sealed class InheritedListeners : IDisposable
{
    /// <summary>How long the other process may take to answer: 15 seconds. It writes its names to the disk first, which may be busy.</summary>
    private static readonly TimeSpan s_answerLimit = TimeSpan.FromSeconds(15);

    private Socket? _socket;
    private readonly Dictionary<(IPEndPoint Address, bool IsDatagram), int> _descriptors = [];

    private InheritedListeners(Socket? socket) => _socket = socket;

    /// <summary>Asks the process that serves now; without one there is nothing to inherit.</summary>
    /// <param name="path">Path of the hand-over socket.</param>
    /// <exception cref="SidecarStartException">Somebody listens there, but does not answer as a sidecar does.</exception>
    public static InheritedListeners Take(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified)
        {
            ReceiveTimeout = (int)s_answerLimit.TotalMilliseconds,
            SendTimeout = (int)s_answerLimit.TotalMilliseconds,
        };
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
        }
        catch (SocketException)
        {
            socket.Dispose(); // nobody there, or the file that a dead process left
            return new InheritedListeners(null);
        }

        if (!DescriptorMessage.IsPeerTrusted(socket) || DescriptorMessage.Receive(socket, HandoverSocket.Listeners) is not { } descriptors)
        {
            socket.Dispose();
            throw new SidecarStartException($"the process at {path} does not hand its listeners over");
        }

        var listeners = new InheritedListeners(socket);
        listeners.Add(descriptors);
        return listeners;
    }

    /// <summary>True if there was nobody before.</summary>
    public bool IsEmpty => _descriptors.Count == 0;

    /// <summary>Sockets that somebody has kept for this process; there is nobody to tell.</summary>
    public static InheritedListeners Kept(IEnumerable<int> descriptors)
    {
        var listeners = new InheritedListeners(null);
        listeners.Add(descriptors);
        return listeners;
    }

    /// <summary>More sockets, which are owned from now on.</summary>
    public void Add(IEnumerable<int> descriptors)
    {
        foreach (var descriptor in descriptors)
        {
            if (StreamSocket.LocalAddress(descriptor) is not { } address || !_descriptors.TryAdd((address, DatagramSocket.IsDatagram(descriptor)), descriptor))
            {
                StreamSocket.Close(descriptor);
            }
        }
    }

    /// <summary>The socket listening at an address, which the caller then owns; false if none does.</summary>
    public bool TryTake(IPEndPoint address, out int descriptor) => _descriptors.Remove((address, false), out descriptor);

    /// <summary>The socket that takes datagrams at an address, which the caller then owns; false if none does.</summary>
    public bool TryTakeDatagrams(IPEndPoint address, out int descriptor) => _descriptors.Remove((address, true), out descriptor);

    /// <summary>Has the other process give up what only one may do. It takes it up again if this one ends, or disposes this, before <see cref="Confirm"/>.</summary>
    /// <exception cref="SidecarStartException">It does not.</exception>
    public void Yield()
    {
        if (_socket is { } socket
            && (!DescriptorMessage.Send(socket, HandoverSocket.Yield, []) || DescriptorMessage.Receive(socket, HandoverSocket.Yield) is null))
        {
            throw new SidecarStartException("the process before does not give up what it holds");
        }
    }

    /// <summary>Tells the other process to stop. What it learns while it drains it writes down.</summary>
    /// <param name="learned">Reads what it has written and has it in force on return. Called on a thread of its own.</param>
    public void Confirm(Action? learned)
    {
        if (_socket is not { } socket || !DescriptorMessage.Send(socket, HandoverSocket.Ready, []) || learned is null)
        {
            return;
        }

        _socket = null; // open until the other process has ended
        socket.ReceiveTimeout = 0;
        new Thread(() =>
        {
            using (socket)
            {
                while (DescriptorMessage.Receive(socket, HandoverSocket.Names) is not null)
                {
                    learned();
                    _ = DescriptorMessage.Send(socket, HandoverSocket.Names, []);
                }
            }
        })
        {
            IsBackground = true,
            Name = "handover",
        }.Start();
    }

    public void Dispose()
    {
        foreach (var descriptor in _descriptors.Values)
        {
            StreamSocket.Close(descriptor);
        }

        _descriptors.Clear();
        _socket?.Dispose();
    }
}
