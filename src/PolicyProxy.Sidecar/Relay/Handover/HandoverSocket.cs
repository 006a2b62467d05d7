using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>
/// Where the next process asks for the listening sockets: a Unix socket that only this user can open. Both processes accept from the same
/// queue until the next one says that it serves; no connection is refused or lost. Precedent: HAProxy's <c>expose-fd listeners</c>.
/// <code>
/// next ── connects ──► this          next ◄── Listeners + descriptors ── this
/// next ── Ready ──► this             this stops listening, drains, ends
/// </code>
/// </summary>
internal sealed class HandoverSocket : IAsyncDisposable
{
    /// <summary>Message that carries the listening sockets.</summary>
    public const byte Listeners = (byte)'L';

    /// <summary>Message of a process that serves with them.</summary>
    public const byte Ready = (byte)'R';

    private readonly Socket _socket;
    private readonly string _path;
    private readonly IReadOnlyList<int> _descriptors;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Action? _asked;
    private readonly Task _serving;

    private HandoverSocket(Socket socket, string path, IReadOnlyList<int> descriptors, Action? asked)
    {
        _asked = asked;
        _socket = socket;
        _path = path;
        _descriptors = descriptors;
        _serving = Task.Run(ServeAsync);
    }

    /// <summary>Completes when another process has taken over.</summary>
    public Task HandedOver => _handedOver.Task;

    /// <summary>Listens at a path, in the place of the process before if there is one.</summary>
    /// <param name="path">Path of the socket.</param>
    /// <param name="descriptors">The sockets; open until this is disposed.</param>
    /// <param name="asked">Called before the next process gets them: what it reads then is up to date.</param>
    /// <exception cref="SidecarStartException">The path cannot be used.</exception>
    public static HandoverSocket Open(string path, IReadOnlyList<int> descriptors, Action? asked = null)
    {
        if (descriptors.Count > DescriptorMessage.MaxDescriptors)
        {
            throw new SidecarStartException($"more than {DescriptorMessage.MaxDescriptors} sockets cannot be handed over");
        }

        var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        try
        {
            // Renamed into place: at every moment somebody answers there.
            var fresh = $"{path}.{Environment.ProcessId}-{Guid.NewGuid():N}";
            socket.Bind(new UnixDomainSocketEndPoint(fresh));
            if (!OperatingSystem.IsWindows())
            {
                File.SetUnixFileMode(fresh, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            }

            socket.Listen();
            File.Move(fresh, path, overwrite: true);
            return new HandoverSocket(socket, path, descriptors, asked);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw new SidecarStartException($"cannot use hand-over socket {path}: {error.Message}", error);
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (_socket.SafeHandle.IsClosed)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false); // a process that asked and never said that it serves must not hold up the stop
        _socket.Dispose();
        await _serving.ConfigureAwait(false);
        _closing.Dispose();
        if (!HandedOver.IsCompleted)
        {
            File.Delete(_path); // otherwise it is the next process' already
        }
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            try
            {
                using var next = await _socket.AcceptAsync(_closing.Token).ConfigureAwait(false);
                if (!DescriptorMessage.IsPeerTrusted(next))
                {
                    continue;
                }

                _asked?.Invoke();
                if (DescriptorMessage.Send(next, Listeners, _descriptors) && await IsReadyAsync(next).ConfigureAwait(false))
                {
                    _handedOver.TrySetResult();
                    return;
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException or OperationCanceledException)
            {
                if (_closing.IsCancellationRequested)
                {
                    return;
                }
            }
        }
    }

    // A process that fails before it serves closes the connection, and everything stays as it is.
    private async Task<bool> IsReadyAsync(Socket next)
    {
        var message = new byte[1];
        return await next.ReceiveAsync(message, _closing.Token).ConfigureAwait(false) == 1 && message[0] == Ready;
    }
}
