using System.ComponentModel;
using System.Net;
using PolicyProxy.Enforcement.Dns;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Takes DNS queries, has them judged, asks the resolvers and passes their answers on; what allowed answers say is learned before. Start once,
/// stop once.
/// </summary>
internal sealed class DnsProxy : IAsyncDisposable
{
    private readonly DnsLoop _loop;
    private readonly Thread _thread;
    private readonly List<DnsClientSocket> _sockets = [];
    private readonly List<DnsStreamListener> _listeners = [];
    private readonly List<int> _descriptors = [];
    private bool _isRunning;

    /// <param name="door">Who judges.</param>
    /// <param name="options">Bounds.</param>
    /// <param name="onFault">Told of bugs.</param>
    public DnsProxy(DnsDoor door, DnsProxyOptions options, Action<Exception> onFault)
    {
        _loop = new DnsLoop(door, options, onFault, new BufferBudget(4L * options.MaxStreams));
        _thread = new Thread(_loop.Events.Run) { IsBackground = true, Name = "dns" };
    }

    public DnsCounters Counters => _loop.Counters;

    /// <summary>The sockets at which queries are taken, to be given to the process that takes over.</summary>
    public IReadOnlyList<int> ListeningDescriptors => _descriptors;

    /// <summary>Takes queries at an address, by datagram and over TCP; gives the address with the real port.</summary>
    /// <param name="address">The address; port 0 = one that is free for both.</param>
    /// <param name="origin">Whom the clients ask.</param>
    /// <param name="inherited">Sockets of the process before; null = there was none.</param>
    /// <exception cref="SidecarStartException">The address is in use, is not this machine's or needs a privilege.</exception>
    public IPEndPoint Listen(IPEndPoint address, IDnsOrigin origin, InheritedListeners? inherited = null)
    {
        // Answers of a socket that is bound to every address may come from another one than was asked.
        if (address.Address.Equals(IPAddress.Any) || address.Address.Equals(IPAddress.IPv6Any))
        {
            throw new SidecarStartException($"cannot listen for DNS on {address}: give one address of this machine, several times if need be");
        }

        try
        {
            var pair = inherited is not null && inherited.TryTake(address, out var stream) ? Complete(stream, address, inherited) : DnsSocketPair.Bind(address, _loop.Options);
            _descriptors.Add(pair.Stream);
            _listeners.Add(new DnsStreamListener(_loop, pair.Stream, origin));
            Take(pair.Datagrams, origin);
            return pair.Address;
        }
        catch (Win32Exception error)
        {
            throw new SidecarStartException($"cannot listen for DNS on {address}: {error.Message}", error);
        }
    }

    /// <summary>Takes queries that the kernel redirects; gives the port before the one of slot 1.</summary>
    /// <param name="slots">How many slots.</param>
    /// <param name="datagrams">Who redirects.</param>
    /// <param name="earlier">Port before the one of slot 1 in the process before; 0 = there was none.</param>
    /// <param name="inherited">Its sockets.</param>
    /// <exception cref="SidecarStartException">There are not so many ports in a row.</exception>
    public int ListenAtSlots(int slots, IRedirectedDatagrams datagrams, int earlier = 0, InheritedListeners? inherited = null)
    {
        try
        {
            var (start, sockets) = SlotSockets.Inherit(slots, earlier, inherited) ?? SlotSockets.Bind(slots, _loop.Options.SocketBufferBytes);
            DatagramSlot[] all = [.. Enumerable.Range(1, slots).Select(number => new DatagramSlot(number, datagrams))];
            foreach (var (slot, descriptor) in sockets)
            {
                Take(descriptor, all[slot - 1]);
            }

            _loop.Slots = new SlotRecycling(all, datagrams, _loop.Options);

            return start;
        }
        catch (Win32Exception error)
        {
            throw new SidecarStartException($"cannot listen for redirected DNS queries on {slots} ports of loopback in a row: {error.Message}", error);
        }
    }

    /// <summary>Takes queries at a bound socket, which is owned from now on. Before <see cref="Start"/>.</summary>
    public void Take(int descriptor, IDnsOrigin origin)
    {
        _descriptors.Add(descriptor);
        _sockets.Add(new DnsClientSocket(_loop, descriptor, origin));
    }

    /// <summary>Has somebody told whenever an answer has taught an address, after this process' policy knows it and before the client does.</summary>
    /// <param name="identities">Who learns.</param>
    /// <param name="told">Called on the loop's thread.</param>
    public void Follow(IdentityTable identities, Action told) => _loop.Learned = new LearnedHere(identities, told);

    /// <summary>Ends that.</summary>
    public void Unfollow()
    {
        _loop.Learned?.Dispose();
        _loop.Learned = null;
    }

    /// <summary>Starts the thread.</summary>
    public void Start()
    {
        _sockets.ForEach(socket => _loop.Events.WatchInput(socket));
        _listeners.ForEach(listener => _loop.Events.Watch(listener));
        _isRunning = true;
        _thread.Start();
    }

    /// <summary>Serves a connection that somebody else has accepted. Thread-safe.</summary>
    /// <param name="descriptor">The connection; owned from now on.</param>
    /// <param name="permit">The verdict on it.</param>
    /// <param name="resolver">Whom the client asks.</param>
    public void Serve(int descriptor, ConnectionPermit permit, IPEndPoint resolver) =>
        _loop.Events.Post(() => _loop.Serve(descriptor, permit, resolver));

    /// <summary>Takes no more queries, and waits for the answers to those it has taken.</summary>
    /// <param name="limit">Longest wait.</param>
    public async Task StopAsync(TimeSpan limit)
    {
        if (!_isRunning)
        {
            return;
        }

        _isRunning = false;
        var drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _loop.Events.Post(() =>
        {
            _sockets.ForEach(static socket => socket.Stop());
            _listeners.ForEach(static listener => listener.Stop());
            _loop.Drain(drained);
        });
        await drained.Task.WaitAsync(limit).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        _loop.Events.Stop();
        _thread.Join();
    }

    private DnsSocketPair Complete(int stream, IPEndPoint address, InheritedListeners inherited) => new(
        stream,
        inherited.TryTakeDatagrams(address, out var datagrams) ? datagrams : DatagramSocket.Bind(address, _loop.Options.SocketBufferBytes),
        address);

    public async ValueTask DisposeAsync()
    {
        await StopAsync(TimeSpan.Zero).ConfigureAwait(false);
        Unfollow();
        _descriptors.ForEach(static descriptor => StreamSocket.Close(descriptor));
        _descriptors.Clear();
        _loop.Dispose();
    }
}
