using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>
/// Where the next process asks for the listening sockets: a Unix socket that only this user can open. Both processes accept from the same
/// queue until the next one says that it serves; no connection is refused or lost. Precedent: HAProxy's <c>expose-fd listeners</c>.
/// <code>
/// next ── connects ──► this          next ◄── Listeners + descriptors ── this
/// next ── Yield ──► this             this gives up what only one may do; next ◄── Yield ── this       (transparent sidecars)
/// next ── Ready ──► this             this stops listening, drains, ends
///                                    next ◄── Names ── this: has written what it learned; next ── Names ──► this: in force
/// </code>
/// If the connection ends before Ready, everything is as before.
/// </summary>
internal sealed class HandoverSocket : IAsyncDisposable
{
    /// <summary>Message that carries the listening sockets.</summary>
    public const byte Listeners = (byte)'L';

    /// <summary>Message of a process that serves with them.</summary>
    public const byte Ready = (byte)'R';

    /// <summary>Message that asks for what only one process may do, and its answer.</summary>
    public const byte Yield = (byte)'Y';

    /// <summary>Message of a draining process that there are names to be read, and the answer that they are in force.</summary>
    public const byte Names = (byte)'N';

    /// <summary>How long a draining process waits until names are in force: a second, which no client notices as more than a slow resolver.</summary>
    private static readonly TimeSpan s_namesLimit = TimeSpan.FromSeconds(1);

    private readonly Socket _socket;
    private readonly string _path;
    private readonly IReadOnlyList<int> _descriptors;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _handedOver = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly SemaphoreSlim _inForce = new(0);
    private readonly Lock _telling = new();
    private readonly IHandingOver? _duties;
    private readonly Task _serving;
    private Task _listening = Task.CompletedTask;
    private volatile Socket? _next;

    private HandoverSocket(Socket socket, string path, IReadOnlyList<int> descriptors, IHandingOver? duties)
    {
        _duties = duties;
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
    /// <param name="duties">What this process has to do on the way; null = nothing.</param>
    /// <exception cref="SidecarStartException">The path cannot be used.</exception>
    public static HandoverSocket Open(string path, IReadOnlyList<int> descriptors, IHandingOver? duties = null)
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
            return new HandoverSocket(socket, path, descriptors, duties);
        }
        catch (Exception error) when (error is SocketException or IOException or UnauthorizedAccessException or ArgumentException)
        {
            socket.Dispose();
            throw new SidecarStartException($"cannot use hand-over socket {path}: {error.Message}", error);
        }
    }

    /// <summary>Has the next process read the names file, and waits until it acts by it. Does nothing while there is none. One thread at a time.</summary>
    public void TellNames()
    {
        while (_inForce.Wait(0))
        {
            // an answer that came too late
        }

        bool isTold;
        lock (_telling)
        {
            isTold = _next is { } next && DescriptorMessage.Send(next, Names, []);
        }

        if (isTold)
        {
            _ = _inForce.Wait(s_namesLimit);
        }
    }

    /// <summary>Gives nothing away any more. The process that has taken over is told of names until the disposal.</summary>
    public async Task StopAsync()
    {
        if (_socket.SafeHandle.IsClosed)
        {
            return;
        }

        await _closing.CancelAsync().ConfigureAwait(false); // a process that asked and never said that it serves must not hold up the stop
        _socket.Dispose();
        await _serving.ConfigureAwait(false);
        if (!HandedOver.IsCompletedSuccessfully)
        {
            File.Delete(_path); // otherwise it is the next process' already
        }
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync().ConfigureAwait(false);
        _next?.Dispose();
        await _listening.ConfigureAwait(false);
        _closing.Dispose();
        _inForce.Dispose();
    }

    private async Task ServeAsync()
    {
        while (true)
        {
            Socket? next = null;
            try
            {
                next = await _socket.AcceptAsync(_closing.Token).ConfigureAwait(false);
                if (DescriptorMessage.IsPeerTrusted(next) && await HandOverAsync(next).ConfigureAwait(false))
                {
                    _listening = ListenAsync(next);
                    next = null;
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
#pragma warning disable CA1031 // whoever waits for the end of this process has to know that it cannot go on
            catch (Exception error)
#pragma warning restore CA1031
            {
                _handedOver.TrySetException(error);
                return;
            }
            finally
            {
                next?.Dispose();
            }
        }
    }

    private async Task<bool> HandOverAsync(Socket next)
    {
        _duties?.Asked();
        if (!DescriptorMessage.Send(next, Listeners, _descriptors))
        {
            return false;
        }

        var (hasYielded, isReady) = (false, false);
        try
        {
            while (!isReady)
            {
                var message = await ReadAsync(next, _closing.Token).ConfigureAwait(false);
                isReady = message == Ready;
                if (!isReady && (message != Yield || hasYielded))
                {
                    return false;
                }

                if (!hasYielded)
                {
                    hasYielded = true;
                    _duties?.Yield();
                }

                // The other process waits for this message and no other; what was learned before it, it finds in the file.
                lock (_telling)
                {
                    if (!isReady)
                    {
                        _ = DescriptorMessage.Send(next, Yield, []);
                    }

                    _next = next;
                }
            }

            return true;
        }
        finally
        {
            // A process that fails before it serves closes the connection.
            if (hasYielded && !isReady && !_closing.IsCancellationRequested)
            {
                _next = null;
                _ = _inForce.Release();
                _duties?.Resume();
            }
        }
    }

    private async Task ListenAsync(Socket next)
    {
        try
        {
            while (await ReadAsync(next, CancellationToken.None).ConfigureAwait(false) == Names)
            {
                _ = _inForce.Release();
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // it is gone, or this process is done
        }
    }

    // 0 = it is gone.
    private static async Task<byte> ReadAsync(Socket next, CancellationToken cancellationToken)
    {
        var message = new byte[1];
        return await next.ReceiveAsync(message, cancellationToken).ConfigureAwait(false) == 1 ? message[0] : (byte)0;
    }
}
