using System.Net.Sockets;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>Sends and receives file descriptors over a Unix socket (unix(7), SCM_RIGHTS): one byte of message, any number of descriptors.</summary>
internal static unsafe class DescriptorMessage
{
    /// <summary>Most descriptors in a message, as many as Linux takes: 253.</summary>
    public const int MaxDescriptors = 253;

    /// <summary>Length, level and type.</summary>
    private const int HeaderBytes = 16;

    private const int ControlBytes = (HeaderBytes + (MaxDescriptors * sizeof(int)) + 7) & ~7;

    /// <summary>Sends a message; false if the peer is gone.</summary>
    public static bool Send(Socket socket, byte message, IReadOnlyList<int> descriptors)
    {
        var control = stackalloc long[ControlBytes / sizeof(long)];
        var bytes = HeaderBytes + (descriptors.Count * sizeof(int));
        control[0] = bytes;
        ((int*)control)[2] = Libc.SOL_SOCKET;
        ((int*)control)[3] = Libc.SCM_RIGHTS;
        for (var i = 0; i < descriptors.Count; i++)
        {
            ((int*)control)[4 + i] = descriptors[i];
        }

        var vector = new InputOutputVector { Base = &message, Length = 1 };
        var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlBytes = bytes };
        return Libc.sendmsg((int)socket.Handle, &header, Libc.MSG_NOSIGNAL) == 1;
    }

    /// <summary>Waits for a message; null if the peer closed, waited too long or sent something else.</summary>
    /// <param name="socket">A blocking socket with a receive timeout.</param>
    /// <param name="expected">The message's byte.</param>
    public static List<int>? Receive(Socket socket, byte expected)
    {
        byte message = 0;
        var control = stackalloc long[ControlBytes / sizeof(long)];
        var vector = new InputOutputVector { Base = &message, Length = 1 };
        var header = new MessageHeader { Vectors = &vector, VectorCount = 1, Control = control, ControlBytes = ControlBytes };
        nint received;
        do
        {
            received = Libc.recvmsg((int)socket.Handle, &header, Libc.MSG_CMSG_CLOEXEC);
        }
        while (received < 0 && Marshal.GetLastPInvokeError() == Libc.EINTR);

        var descriptors = new List<int>();
        if (received == 1 && header.ControlBytes >= HeaderBytes && ((int*)control)[3] == Libc.SCM_RIGHTS)
        {
            for (var i = 0; i < (int)(control[0] - HeaderBytes) / sizeof(int); i++)
            {
                descriptors.Add(((int*)control)[4 + i]);
            }
        }

        if (received == 1 && message == expected)
        {
            return descriptors;
        }

        descriptors.ForEach(static descriptor => StreamSocket.Close(descriptor));
        return null;
    }

    /// <summary>True if the process at the other end runs as the same user, or as root.</summary>
    public static bool IsPeerTrusted(Socket socket)
    {
        var credentials = stackalloc int[3]; // process, user, group
        uint length = 3 * sizeof(int);
        return Libc.getsockopt((int)socket.Handle, Libc.SOL_SOCKET, Libc.SO_PEERCRED, credentials, &length) == 0
            && ((uint)credentials[1] == Libc.geteuid() || credentials[1] == 0);
    }
}
