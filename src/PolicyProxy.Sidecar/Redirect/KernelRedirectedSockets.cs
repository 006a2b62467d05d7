using System.Net;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Origins;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Asks the redirect program, by the socket options it answers. Without the program there is no such option, so nothing counts as redirected.</summary>
internal sealed unsafe class KernelRedirectedSockets : IRedirectedSockets
{
    /// <summary>Level of the options: a number no protocol has.</summary>
    private const int Level = 0x5050;

    private const int OriginalOption = 1;
    private const int ClientOption = 2;

    /// <summary>The one instance; it has no state.</summary>
    public static KernelRedirectedSockets Instance { get; } = new();

    public bool TryGetOriginal(in AcceptedConnection connection, out RedirectedConnection original)
    {
        var answer = default(RedirectedConnection);
        uint length = RedirectedConnection.Bytes;
        var isAnswered = Libc.getsockopt(connection.Descriptor, Level, OriginalOption, &answer, &length) == 0 && length == RedirectedConnection.Bytes;
        original = isAnswered ? answer : default;
        return isAnswered && answer.IsComplete;
    }

    public IPEndPoint? GetDestination(in AcceptedConnection connection) => StreamSocket.LocalAddress(connection.Descriptor);

    public int ShowClient(int descriptor, IPEndPoint client)
    {
        var shown = new RedirectedConnection { EndPoint = client };
        return Libc.setsockopt(descriptor, Level, ClientOption, &shown, RedirectedConnection.Bytes) == 0 ? 0 : Marshal.GetLastPInvokeError();
    }
}
