using System.Net.Sockets;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>
/// Keeps the sockets of a worker process open, so that they outlive it: what clients send while there is no worker waits in the kernel for the next one,
/// unjudged and unanswered. One worker at a time.
/// <code>
/// worker ── connects ──► keeper       worker ◄── Listeners + descriptors ── keeper
/// worker ── Serving + descriptors ──► keeper      the end of the connection is the end of either
/// </code>
/// </summary>
internal sealed class SocketKeeper : IDisposable
{
    /// <summary>Environment variable that tells a worker where its keeper is.</summary>
    public const string Variable = "POLICYPROXY_KEEPER";

    /// <summary>Message of a worker that serves at the sockets that come with it.</summary>
    public const byte Serving = (byte)'S';

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("policyproxy-");
    private readonly Socket _socket = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Lock _lock = new();
    private IReadOnlyList<int> _kept = [];
    private bool _isReleased;
    private volatile bool _hasServed;

    public SocketKeeper()
    {
        Path = System.IO.Path.Combine(_folder.FullName, "keeper"); // the folder is this user's alone
        _socket.Bind(new UnixDomainSocketEndPoint(Path));
        _socket.Listen();
        new Thread(Serve) { IsBackground = true, Name = "keeper" }.Start();
    }

    /// <summary>Where workers connect.</summary>
    public string Path { get; }

    /// <summary>True once a worker has served.</summary>
    public bool HasServed => _hasServed;

    /// <summary>Closes what is kept, and keeps nothing from now on: the worker is the last.</summary>
    public void Release()
    {
        lock (_lock)
        {
            _isReleased = true;
        }

        Replace([]);
    }

    public void Dispose()
    {
        _socket.Dispose();
        Release();
        _folder.Delete(recursive: true);
    }

    private void Serve()
    {
        while (true)
        {
            try
            {
                using var worker = _socket.Accept();
                if (DescriptorMessage.IsPeerTrusted(worker) && DescriptorMessage.Send(worker, HandoverSocket.Listeners, _kept))
                {
                    while (DescriptorMessage.Receive(worker, Serving) is { } descriptors)
                    {
                        Replace(descriptors);
                        _hasServed = true;
                    }
                }
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private void Replace(IReadOnlyList<int> descriptors)
    {
        lock (_lock)
        {
            var closed = _isReleased ? _kept.Concat(descriptors) : _kept;
            foreach (var descriptor in closed.ToArray())
            {
                StreamSocket.Close(descriptor);
            }

            _kept = _isReleased ? [] : descriptors;
        }
    }
}
