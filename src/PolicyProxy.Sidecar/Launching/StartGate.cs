using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// Holds a child back until policy is in force: a pipe that the child reads. Disposed without <see cref="Open"/>, or with its process, it tells
/// the child that there will be no start.
/// </summary>
internal sealed unsafe class StartGate : IDisposable
{
    private const int O_CLOEXEC = 0x80000;
    private const byte Go = 1;

    private readonly int _writing;
    private int _reading;

    /// <exception cref="EnforcementException">There are no descriptors left.</exception>
    public StartGate()
    {
        var ends = stackalloc int[2];
        if (ProcessCalls.pipe2(ends, O_CLOEXEC) != 0)
        {
            throw new EnforcementException($"cannot make a pipe to the command: {ErrorText.Last}");
        }

        (_reading, _writing) = (ends[0], ends[1]);
    }

    /// <summary>The child's end, as a number for its arguments. It is inherited by what is started next.</summary>
    public int Share()
    {
        _ = ProcessCalls.fcntl(_reading, ProcessCalls.F_SETFD, 0);
        return _reading;
    }

    /// <summary>Closes the child's end on this side; call when the child has been started.</summary>
    public void Shared()
    {
        if (_reading >= 0)
        {
            _ = Libc.close(_reading);
            _reading = -1;
        }
    }

    /// <summary>Lets the child start the command.</summary>
    public void Open()
    {
        var go = Go;
        _ = Libc.write(_writing, &go, 1); // a child that is gone has said why
    }

    public void Dispose()
    {
        Shared();
        _ = Libc.close(_writing);
    }

    /// <summary>The child's side: false if there will be no start.</summary>
    /// <param name="descriptor">What <see cref="Share"/> gave.</param>
    public static bool Wait(int descriptor)
    {
        byte word;
        nint length;
        do
        {
            length = Libc.read(descriptor, &word, 1);
        }
        while (length < 0 && System.Runtime.InteropServices.Marshal.GetLastPInvokeError() == ProcessCalls.EINTR);
        return length == 1 && word == Go;
    }
}
