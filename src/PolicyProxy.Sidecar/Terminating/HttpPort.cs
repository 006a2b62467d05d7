using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.Enforcement.AspNetCore;

namespace PolicyProxy.Sidecar.Terminating;

/// <summary>
/// One listening port for HTTP/1.1 and for HTTP/2 with prior knowledge. Kestrel serves one protocol per plaintext endpoint, so the
/// port accepts, asks the door about the connection, looks at the first bytes without consuming them and hands the connection to the
/// Kestrel endpoint of its protocol.
/// </summary>
internal sealed class HttpPort : IAsyncDisposable
{
    /// <summary>
    /// Longest wait for the first bytes of a connection: 130 seconds, Kestrel's KeepAliveTimeout, which bounds the same wait there.
    /// </summary>
    public static readonly TimeSpan FirstBytesTimeout = TimeSpan.FromSeconds(130);

    private readonly IConnectionListenerFactory _transport;
    private readonly HttpDoor _door;
    private readonly TimeProvider _time;
    private readonly HttpPortListener _http1;
    private readonly HttpPortListener _http2;
    private readonly CancellationTokenSource _stopping = new();
    private readonly ConcurrentDictionary<ConnectionContext, Task> _sorting = [];
    private readonly Lock _lock = new();
    private Task<IConnectionListener>? _binding;
    private Task? _accepting;
    private Task? _unbinding;

    /// <summary>Creates a port that is not yet bound.</summary>
    /// <param name="address">Address to listen on; port 0 = any free one, see <see cref="Address"/>.</param>
    /// <param name="transport">Kestrel's socket transport.</param>
    /// <param name="door">Judges connections.</param>
    /// <param name="time">Clock for <see cref="FirstBytesTimeout"/>.</param>
    public HttpPort(IPEndPoint address, IConnectionListenerFactory transport, HttpDoor door, TimeProvider time)
    {
        Address = address;
        _transport = transport;
        _door = door;
        _time = time;
        _http1 = new HttpPortListener(this, new HttpPortEndPoint(this, HttpProtocols.Http1));
        _http2 = new HttpPortListener(this, new HttpPortEndPoint(this, HttpProtocols.Http2));
    }

    /// <summary>The address listened on; the real port once bound.</summary>
    public IPEndPoint Address { get; private set; }

    /// <summary>The endpoints to tell Kestrel of.</summary>
    public IEnumerable<HttpPortEndPoint> EndPoints => [(HttpPortEndPoint)_http1.EndPoint, (HttpPortEndPoint)_http2.EndPoint];

    public HttpPortListener Listener(HttpPortEndPoint endPoint) => endPoint.Protocol == HttpProtocols.Http2 ? _http2 : _http1;

    /// <summary>Starts listening; the second call waits for the first.</summary>
    /// <exception cref="SidecarStartException">The address is in use, is not this machine's or needs a privilege.</exception>
    public async Task BindAsync(CancellationToken cancellationToken)
    {
        Task<IConnectionListener> binding;
        lock (_lock)
        {
            binding = _binding ??= BindCoreAsync(cancellationToken);
        }

        var listener = await binding.ConfigureAwait(false);
        lock (_lock)
        {
            Address = (IPEndPoint)listener.EndPoint;
            _accepting ??= AcceptAsync(listener);
        }
    }

    /// <summary>Stops listening; connections that have not sent their first bytes are closed.</summary>
    public Task UnbindAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            return _unbinding ??= UnbindCoreAsync(cancellationToken);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await UnbindAsync(CancellationToken.None).ConfigureAwait(false);
        if (_binding is { IsCompletedSuccessfully: true } binding)
        {
            await (await binding.ConfigureAwait(false)).DisposeAsync().ConfigureAwait(false);
        }

        _stopping.Dispose();
    }

    private async Task<IConnectionListener> BindCoreAsync(CancellationToken cancellationToken)
    {
        try
        {
            return await _transport.BindAsync(Address, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception error) when (error is AddressInUseException or SocketException)
        {
            throw new SidecarStartException($"cannot listen on {Address}: {error.Message}", error);
        }
    }

    private async Task UnbindCoreAsync(CancellationToken cancellationToken)
    {
        if (_binding is { IsCompletedSuccessfully: true } binding)
        {
            await (await binding.ConfigureAwait(false)).UnbindAsync(cancellationToken).ConfigureAwait(false);
        }

        if (_accepting is not null)
        {
            await _accepting.ConfigureAwait(false);
        }

        await _stopping.CancelAsync().ConfigureAwait(false);
        await Task.WhenAll(_sorting.Values).ConfigureAwait(false);
        _http1.Close();
        _http2.Close();
    }

    private async Task AcceptAsync(IConnectionListener listener)
    {
        while (await listener.AcceptAsync().ConfigureAwait(false) is { } connection)
        {
            var sorting = SortAsync(connection);
            _sorting[connection] = sorting;
            _ = sorting.ContinueWith(
                (_, key) => _sorting.TryRemove((ConnectionContext)key!, out Task? _),
                connection, CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);
        }
    }

    private async Task SortAsync(ConnectionContext connection)
    {
        if (!_door.Admit(connection) && _door.RefusedConnection == RefusedConnection.Reset)
        {
            connection.Abort(new ConnectionAbortedException("no policy admits the connection"));
            await connection.DisposeAsync().ConfigureAwait(false);
            return;
        }

        var isHttp2 = await ReadProtocolAsync(connection).ConfigureAwait(false);
        var listener = isHttp2 is true ? _http2 : _http1;
        if (isHttp2 is null || !listener.TryAdd(connection))
        {
            await connection.DisposeAsync().ConfigureAwait(false);
        }
    }

    /// <summary>True for HTTP/2, false for anything else, null if the connection ended, stalled or the port is stopping.</summary>
    private async Task<bool?> ReadProtocolAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(FirstBytesTimeout, _time);
        using var cancel = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _stopping.Token);
        var input = connection.Transport.Input;
        var examined = 0L;
        try
        {
            while (true)
            {
                var read = await input.ReadAsync(cancel.Token).ConfigureAwait(false);
                var isHttp2 = Http2Preface.Match(read.Buffer);
                if (isHttp2 is null && !read.IsCompleted)
                {
                    examined = read.Buffer.Length;
                    input.AdvanceTo(read.Buffer.Start, read.Buffer.End);
                    continue;
                }

                // Bytes that came since the last look stay unexamined, so that Kestrel's first read returns at once.
                input.AdvanceTo(read.Buffer.Start, read.Buffer.GetPosition(examined));
                return isHttp2 ?? (read.Buffer.IsEmpty ? null : false);
            }
        }
        catch (Exception error) when (error is OperationCanceledException or IOException)
        {
            return null;
        }
    }
}
