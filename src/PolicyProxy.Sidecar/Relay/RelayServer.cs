using System.ComponentModel;
using System.Net;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>Listening sockets, event loops and their threads. Start once, stop once.</summary>
internal sealed class RelayServer : IDisposable
{
    private readonly RelayShared _shared;
    private readonly RelayLoop[] _loops;
    private readonly List<(int Descriptor, IPEndPoint Address)> _listening = [];
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

    /// <summary>Binds an address.</summary>
    /// <exception cref="SidecarStartException">The address is in use, is not this machine's or needs a privilege.</exception>
    public void Listen(IPEndPoint address)
    {
        try
        {
            var descriptor = StreamSocket.Listen(address, _shared.Options.Backlog);
            Addresses.Add(StreamSocket.LocalAddress(descriptor) ?? address);
            _listening.Add((descriptor, Addresses[^1]));
        }
        catch (Win32Exception error)
        {
            throw new SidecarStartException($"cannot listen on {address}: {error.Message}", error);
        }
    }

    /// <summary>Takes over a socket that listens already; the server owns it from now on.</summary>
    public void Adopt(int descriptor, IPEndPoint address)
    {
        Addresses.Add(address);
        _listening.Add((descriptor, address));
    }

    /// <summary>The listening sockets, to be given to the process that takes over.</summary>
    public IReadOnlyList<int> ListeningDescriptors => [.. _listening.Select(static socket => socket.Descriptor)];

    /// <summary>Starts the threads; from now on connections are served.</summary>
    public void Start()
    {
        foreach (var loop in _loops)
        {
            foreach (var (descriptor, address) in _listening)
            {
                loop.Events.WatchShared(new Listener(loop, _loops, descriptor, address));
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
            action(loop);
            done.SetResult();
        });
        return done.Task;
    }

    private void CloseListening()
    {
        _listening.ForEach(static socket => StreamSocket.Close(socket.Descriptor));
        _listening.Clear();
    }
}
