using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>Reads what the kernel tells on a thread of its own, in order, and gives it to one receiver.</summary>
internal sealed unsafe class ShimEvents : IDisposable
{
    private readonly Action<KernelEvent> _receiver;
    private readonly Action<Exception> _onFault;
    private readonly Thread _reader;
    private readonly nint _ring;
    private readonly int _wake;
    private GCHandle _self;
    private volatile bool _isStopping;

    /// <summary>Starts to read.</summary>
    /// <param name="programs">The loaded shim.</param>
    /// <param name="receiver">Called on the reader's thread.</param>
    /// <param name="onFault">Told of exceptions of the receiver, which cannot cross the native reader.</param>
    public ShimEvents(BpfObject programs, Action<KernelEvent> receiver, Action<Exception> onFault)
    {
        _receiver = receiver;
        _onFault = onFault;
        _self = GCHandle.Alloc(this);
        _ring = LibBpf.ring_buffer__new(programs.Map<uint, uint>("events").Descriptor, &OnEvent, (void*)GCHandle.ToIntPtr(_self), null);
        if (_ring == 0)
        {
            _self.Free();
            throw ShimException.Of("open the event buffer");
        }

        _wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        _reader = new Thread(Read) { IsBackground = true, Name = "shim-events" };
        _reader.Start();
    }

    /// <summary>Reads what is there and stops.</summary>
    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _isStopping = true;
        var one = 1L;
        _ = Libc.write(_wake, &one, sizeof(long));
        _reader.Join();
        LibBpf.ring_buffer__free(_ring);
        _ = Libc.close(_wake);
        _self.Free();
    }

    private void Read()
    {
        var waiting = stackalloc Libc.PollEntry[]
        {
            new Libc.PollEntry { Descriptor = LibBpf.ring_buffer__epoll_fd(_ring), Events = Libc.POLLIN },
            new Libc.PollEntry { Descriptor = _wake, Events = Libc.POLLIN },
        };
        while (!_isStopping)
        {
            _ = Libc.poll(waiting, 2, -1);
            _ = LibBpf.ring_buffer__consume(_ring);
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    private static int OnEvent(void* context, void* data, nuint size)
    {
        var events = (ShimEvents)GCHandle.FromIntPtr((nint)context).Target!;
        if (size < (nuint)sizeof(KernelEvent))
        {
            return 0;
        }

        try
        {
            events._receiver(*(KernelEvent*)data);
        }
#pragma warning disable CA1031 // whatever it is must not unwind through native frames
        catch (Exception error)
#pragma warning restore CA1031
        {
            events._onFault(error);
        }

        return 0;
    }
}
