using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>A worker's connection to the <see cref="SocketKeeper"/> that started it. Thread-safe.</summary>
internal sealed class KeptSockets : IDisposable
{
    private readonly Socket _socket;
    private readonly TaskCompletionSource _gone = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<int> _descriptors;

    private KeptSockets(Socket socket, IReadOnlyList<int> descriptors)
    {
        _socket = socket;
        _descriptors = descriptors;
        new Thread(Watch) { IsBackground = true, Name = "keeper" }.Start();
    }

    /// <summary>Completes when the keeper's process has ended.</summary>
    public Task Gone => _gone.Task;

    /// <summary>True if there was no worker before.</summary>
    public bool IsEmpty => _descriptors.Count == 0;

    /// <summary>Connects.</summary>
    /// <exception cref="SidecarStartException">There is no keeper.</exception>
    public static KeptSockets Connect(string path)
    {
        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            socket.Connect(new UnixDomainSocketEndPoint(path));
            if (DescriptorMessage.IsPeerTrusted(socket) && DescriptorMessage.Receive(socket, HandoverSocket.Listeners) is { } descriptors)
            {
                return new KeptSockets(socket, descriptors);
            }
        }
        catch (SocketException)
        {
        }

        socket.Dispose();
        throw new SidecarStartException($"{SocketKeeper.Variable} names {path}, and nobody keeps sockets there");
    }

    /// <summary>The sockets of the worker before, which the caller then owns.</summary>
    public IReadOnlyList<int> Take() => Interlocked.Exchange(ref _descriptors, []);

    /// <summary>Has these sockets kept from now on, instead of all before.</summary>
    public void Keep(IReadOnlyList<int> descriptors) => _ = DescriptorMessage.Send(_socket, SocketKeeper.Serving, descriptors);

    public void Dispose() => _socket.Dispose();

    private void Watch()
    {
        _ = DescriptorMessage.Receive(_socket, 0); // it says nothing more, so this is its end
        _gone.TrySetResult();
    }
}
