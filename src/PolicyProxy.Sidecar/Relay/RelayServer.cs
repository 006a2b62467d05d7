using System.ComponentModel;
using System.Net;
using PolicyProxy.Sidecar.Relay.Origins;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>Listening sockets, event loops and their threads. Start once, stop once.</summary>
internal sealed class RelayServer : IDisposable
{
    private readonly RelayShared _shared;
    private readonly RelayLoop[] _loops;
    private readonly List<ListeningSocket> _listening = [];
    private Thread[] _threads = [];

    /// <summary>Creates the loops; nothing listens yet.</summary>
    public RelayServer(RelayShared shared)
    {
        _shared = shared;
        _loops = [.. Enumerable.Range(0, Math.Max(shared.Options.Loops, 1)).Select(number => new RelayLoop(shared, number))];
    }

    /// <summary>The addresses listened on, with the real ports.</summary>
    public List<IPEndPoint> Addresses { get; } = [];

    /// <summary>What all loops have done so far.</summary>
    public RelayCounters Counters
    {
        get
        {
            var sum = new RelayCounters();
            Array.ForEach(_loops, loop => sum.Add(loop.Counters));
            return sum;
        }
    }

    /// <summary>Buffers that hold bytes of connections now, in all loops.</summary>
    public int BuffersInUse => _loops.Sum(static loop => loop.Events.Buffers.InUse);

    /// <summary>Binds an address for clients that connect to the sidecar itself.</summary>
    /// <exception cref="SidecarStartException">The address is in use, is not this machine's or needs a privilege.</exception>
    public IPEndPoint Listen(IPEndPoint address) => Listen(address, Forwarded.Instance);

    /// <summary>Binds an address; gives it back with the real port.</summary>
    /// <exception cref="SidecarStartException">The address is in use, is not this machine's or needs a privilege.</exception>
    public IPEndPoint Listen(IPEndPoint address, IConnectionOrigin origin)
    {
        try
        {
            return Adopt(StreamSocket.Listen(address, _shared.Options.Backlog), address, origin);
        }
        catch (Win32Exception error)
        {
            throw new SidecarStartException($"cannot listen on {address}: {error.Message}", error);
        }
    }

    /// <summary>Takes over a socket that listens already; the server owns it from now on.</summary>
    public IPEndPoint Adopt(int descriptor, IPEndPoint address, IConnectionOrigin origin)
    {
        var real = StreamSocket.LocalAddress(descriptor) ?? address;
        Addresses.Add(real);
        _listening.Add(new ListeningSocket(descriptor, real, origin));
        return real;
    }

    /// <summary>
    /// Binds one port on 127.0.0.1 and on [::1], for a redirection that knows one port. A machine without IPv6 has the first only.
    /// </summary>
    /// <param name="port">The port; 0 = one that is free on both.</param>
    /// <param name="origin">How connections come there.</param>
    /// <exception cref="SidecarStartException">The port is in use, or none is free on both.</exception>
    public IReadOnlyList<IPEndPoint> ListenOnLoopback(ushort port, IConnectionOrigin origin)
    {
        try
        {
            var pair = LoopbackPair.Listen(port, _shared.Options.Backlog);
            return [.. pair.Select(socket => Adopt(socket.Descriptor, socket.Address, origin))];
        }
        catch (Win32Exception error)
        {
            throw new SidecarStartException($"cannot listen on port {port} of 127.0.0.1 and [::1]: {error.Message}", error);
        }
    }

    /// <summary>The listening sockets, to be given to the process that takes over.</summary>
    public IReadOnlyList<int> ListeningDescriptors => [.. _listening.Select(static socket => socket.Descriptor)];

    /// <summary>The sockets that listen at these addresses, in their order.</summary>
    public IReadOnlyList<int> DescriptorsOf(IReadOnlyList<IPEndPoint> addresses) =>
        [.. addresses.Select(address => _listening.Find(socket => socket.Address.Equals(address))!.Descriptor)];

    /// <summary>Starts the threads; from now on connections are served.</summary>
    public void Start()
    {
        foreach (var loop in _loops)
        {
            foreach (var socket in _listening)
            {
                loop.Events.WatchShared(new Listener(loop, _loops, socket));
            }
        }

        _threads = [.. _loops.Select(static loop => new Thread(loop.Events.Run) { IsBackground = true, Name = $"relay-{loop.Number}" })];
        Array.ForEach(_threads, static thread => thread.Start());
    }

    /// <summary>Stops accepting, lets running requests finish for so long, then cuts off the rest.</summary>
    /// <param name="limit">Longest wait.</param>
    /// <param name="cancellationToken">Cuts off at once when cancelled.</param>
    public async Task StopAsync(TimeSpan limit, CancellationToken cancellationToken)
    {
        if (_threads.Length == 0)
        {
            return;
        }

        // 1. No loop accepts any more; then the queues of the kernel may go.
        await OnLoopsAsync(static loop => loop.StopListening()).ConfigureAwait(false);
        CloseListening();

        // 2. Running requests.
        await OnLoopsAsync(static loop => loop.Drain()).ConfigureAwait(false);
        _shared.BeginDrain();
        await _shared.Drained.WaitAsync(limit, cancellationToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);

        // 3. Whatever is left.
        await OnLoopsAsync(static loop => loop.Abort()).ConfigureAwait(false);
        Array.ForEach(_loops, static loop => loop.Events.Stop());
        Array.ForEach(_threads, static thread => thread.Join());
        _threads = [];
    }

    public void Dispose()
    {
        CloseListening();
        if (_threads.Length == 0)
        {
            Array.ForEach(_loops, static loop => loop.Dispose());
        }
    }

    /// <summary>Runs an action on each loop's thread; completes when all have.</summary>
    public Task OnLoopsAsync(Action<RelayLoop> action) => Task.WhenAll(_loops.Select(loop => OnLoopAsync(loop, action)));

    private static Task OnLoopAsync(RelayLoop loop, Action<RelayLoop> action)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        loop.Events.Post(() =>
        {
            try
            {
                action(loop);
            }
            finally
            {
                done.SetResult(); // a fault is the loop's to report; whoever stops must not wait for ever
            }
        });
        return done.Task;
    }

    private void CloseListening()
    {
        _listening.ForEach(static socket => StreamSocket.Close(socket.Descriptor));
        _listening.Clear();
    }
}
