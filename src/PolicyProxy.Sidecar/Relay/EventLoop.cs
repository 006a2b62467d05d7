using System.Collections.Concurrent;
using System.ComponentModel;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// One thread that waits for its sockets and calls them one after another. What a socket does in its turn must not block. Only
/// <see cref="Post"/> may be called from other threads.
/// </summary>
internal sealed unsafe class EventLoop : IDisposable
{
    /// <summary>Time between two looks at the timeouts: 100 milliseconds.</summary>
    private const int TickMilliseconds = 100;

    private const int EventsAtOnce = 512;

    private readonly int _epoll;
    private readonly int _wake;
    private readonly ConcurrentQueue<Action> _posted = new();
    private readonly Queue<LoopSocket> _ready = new();
    private readonly List<LoopSocket> _atTick = [];
    private readonly List<TimeoutQueue> _timeouts = [];
    private readonly Action<Exception> _onFault;
    private LoopSocket?[] _sockets = new LoopSocket?[256];
    private uint _generation;
    private long _nextTick;
    private int _wakePending;
    private bool _stopping;

    /// <summary>Creates a loop; <see cref="Run"/> makes the calling thread its own.</summary>
    /// <param name="buffers">The loop's buffers.</param>
    /// <param name="onFault">Told of exceptions that came out of a socket's turn.</param>
    public EventLoop(BufferPool buffers, Action<Exception> onFault)
    {
        Buffers = buffers;
        _onFault = onFault;
        _epoll = Libc.epoll_create1(Libc.EPOLL_CLOEXEC);
        _wake = Libc.eventfd(0, Libc.EFD_NONBLOCK | Libc.EFD_CLOEXEC);
        Now = Environment.TickCount64;
        var change = stackalloc byte[EpollEvent.MaxBytes];
        EpollEvent.Write(change, Libc.EPOLLIN | Libc.EPOLLET, (uint)_wake);
        if (_epoll < 0 || _wake < 0 || Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, _wake, change) < 0)
        {
            throw new Win32Exception(Marshal.GetLastPInvokeError());
        }
    }

    /// <summary>The loop's buffers.</summary>
    public BufferPool Buffers { get; }

    /// <summary>Milliseconds of a clock that stands still during one round of events.</summary>
    public long Now { get; private set; }

    /// <summary>Called at each tick, on the loop's thread.</summary>
    public Action? OnTick { get; set; }

    /// <summary>A queue of timeouts that the loop looks after; before <see cref="Run"/> only.</summary>
    public TimeoutQueue AddTimeout(TimeSpan limit)
    {
        var queue = new TimeoutQueue(limit);
        _timeouts.Add(queue);
        return queue;
    }

    /// <summary>Watches a socket; false if the kernel refuses.</summary>
    public bool Watch(LoopSocket socket) => Watch(socket, Libc.EPOLLIN | Libc.EPOLLOUT | Libc.EPOLLRDHUP | Libc.EPOLLET);

    /// <summary>Watches a socket for what it receives only: a datagram that was sent makes room each time, which nobody wants to know.</summary>
    public bool WatchInput(LoopSocket socket) => Watch(socket, Libc.EPOLLIN | Libc.EPOLLET);

    /// <summary>Watches a listening socket that other loops watch as well: each connection wakes one of them.</summary>
    public bool WatchShared(LoopSocket socket) => Watch(socket, Libc.EPOLLIN | Libc.EPOLLEXCLUSIVE);

    /// <summary>Stops watching a socket; its timeout is cancelled.</summary>
    public void Forget(LoopSocket socket)
    {
        socket.Timeout.Cancel();
        var descriptor = socket.Descriptor;
        if (descriptor < _sockets.Length && ReferenceEquals(_sockets[descriptor], socket))
        {
            _sockets[descriptor] = null;
            _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, descriptor, null);
        }
    }

    /// <summary>Stops the events of a socket that stays the loop's.</summary>
    public void Unwatch(LoopSocket socket) => _ = Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_DEL, socket.Descriptor, null);

    /// <summary>Comes back to a socket that had more to do than one turn allows.</summary>
    public void Schedule(LoopSocket socket)
    {
        if (!socket.IsScheduled)
        {
            socket.IsScheduled = true;
            _ready.Enqueue(socket);
        }
    }

    /// <summary>Comes back to a socket at the next tick: it waits for memory.</summary>
    public void ScheduleAtTick(LoopSocket socket)
    {
        if (!socket.IsScheduled)
        {
            socket.IsScheduled = true;
            _atTick.Add(socket);
        }
    }

    /// <summary>Runs an action on the loop's thread. Thread-safe.</summary>
    public void Post(Action action)
    {
        _posted.Enqueue(action);
        if (Interlocked.Exchange(ref _wakePending, 1) == 0)
        {
            var one = 1UL;
            _ = Libc.write(_wake, &one, sizeof(ulong));
        }
    }

    /// <summary>Ends <see cref="Run"/> after the current round. Thread-safe.</summary>
    public void Stop() => Post(() => _stopping = true);

    /// <summary>Every socket watched now.</summary>
    public IEnumerable<LoopSocket> Sockets => _sockets.Where(static socket => socket is not null).Select(static socket => socket!);

    /// <summary>Waits and calls until <see cref="Stop"/>.</summary>
    public void Run()
    {
        var events = stackalloc byte[EventsAtOnce * EpollEvent.MaxBytes];
        while (!_stopping)
        {
            var wait = _ready.Count > 0 ? 0 : (int)Math.Clamp(_nextTick - Now, 0, TickMilliseconds);
            var count = Libc.epoll_wait(_epoll, events, EventsAtOnce, wait);
            Now = Environment.TickCount64;
            Dispatch(events, count);
            RunPosted();
            RunReady();
            if (Now >= _nextTick)
            {
                Tick();
            }
        }
    }

    public void Dispose()
    {
        StreamSocket.Close(_wake);
        StreamSocket.Close(_epoll);
        Buffers.Dispose();
    }

    private bool Watch(LoopSocket socket, uint events)
    {
        if (socket.Descriptor >= _sockets.Length)
        {
            Array.Resize(ref _sockets, Math.Max(socket.Descriptor + 1, _sockets.Length * 2));
        }

        socket.Generation = ++_generation;
        var change = stackalloc byte[EpollEvent.MaxBytes];
        EpollEvent.Write(change, events, ((ulong)socket.Generation << 32) | (uint)socket.Descriptor);
        if (Libc.epoll_ctl(_epoll, Libc.EPOLL_CTL_ADD, socket.Descriptor, change) < 0)
        {
            return false;
        }

        _sockets[socket.Descriptor] = socket;
        return true;
    }

    // All flags first: whoever is called then knows the newest about every socket it has to do with, an upstream that has just closed
    // or sent what nobody asked for among them.
    private void Dispatch(byte* events, int count)
    {
        for (var i = 0; i < count; i++)
        {
            var data = EpollEvent.Data(events, i);
            if (Find(data) is { } socket)
            {
                socket.Note(EpollEvent.Events(events, i));
            }
            else if (data == (uint)_wake)
            {
                ulong value;
                _ = Libc.read(_wake, &value, sizeof(ulong));
            }
        }

        for (var i = 0; i < count; i++)
        {
            Call(Find(EpollEvent.Data(events, i)));
        }
    }

    private LoopSocket? Find(ulong data)
    {
        var descriptor = (int)(uint)data;
        var socket = descriptor < _sockets.Length ? _sockets[descriptor] : null;
        return socket is not null && socket.Generation == (uint)(data >> 32) ? socket : null;
    }

    private void RunPosted()
    {
        Volatile.Write(ref _wakePending, 0);
        while (_posted.TryDequeue(out var action))
        {
            try
            {
                action();
            }
            catch (Exception error) // a loop outlives whatever it was asked to do
            {
                _onFault(error);
            }
        }
    }

    private void RunReady()
    {
        for (var left = _ready.Count; left > 0; left--)
        {
            var socket = _ready.Dequeue();
            socket.IsScheduled = false;
            Call(socket);
        }
    }

    private void Tick()
    {
        _nextTick = Now + TickMilliseconds;
        foreach (var timeouts in _timeouts)
        {
            while (timeouts.TakeExpired(Now) is { } entry)
            {
                CallTimeout(entry.Owner);
            }
        }

        foreach (var socket in _atTick)
        {
            _ready.Enqueue(socket);
        }

        _atTick.Clear();
        Buffers.Trim();
        OnTick?.Invoke();
    }

    private void Call(LoopSocket? socket)
    {
        if (socket is not { IsOpen: true })
        {
            return;
        }

        try
        {
            socket.OnReady();
        }
        catch (Exception error) // a bug met on one connection is not the other connections' problem
        {
            _onFault(error);
            socket.OnFault();
        }
    }

    private void CallTimeout(ITimed owner)
    {
        try
        {
            owner.OnTimeout();
        }
        catch (Exception error) // as above
        {
            _onFault(error);
            owner.OnFault();
        }
    }
}
