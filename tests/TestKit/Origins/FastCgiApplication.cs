using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.TestKit.Origins;

/// <summary>
/// A FastCGI 1.0 responder on a Unix socket that reports each request and answers without content. One request per connection, as
/// nginx, Apache httpd and lighttpd ask for.
/// </summary>
internal sealed class FastCgiApplication : IAsyncDisposable
{
    // Apache httpd takes no longer lines from an application than 8,192 bytes
    private const int MaxFieldBytes = 4_096;

    private readonly DirectoryInfo _folder = OriginFolder.Create();
    private readonly Socket _listener = new(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
    private readonly Func<FastCgiRequest, OriginRequest> _take;
    private readonly Task _accepting;

    /// <summary>Starts it; <paramref name="take"/> may be called by several threads at once.</summary>
    public FastCgiApplication(Func<FastCgiRequest, OriginRequest> take)
    {
        _take = take;
        SocketPath = Path.Combine(_folder.FullName, "application.sock");
        _listener.Bind(new UnixDomainSocketEndPoint(SocketPath));
        OriginFolder.Open(SocketPath);
        _listener.Listen(1024);
        _accepting = AcceptAsync();
    }

    public string SocketPath { get; }

    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        OriginFolder.Remove(_folder);
    }

    private async Task AcceptAsync()
    {
        while (true)
        {
            try
            {
                _ = AnswerAsync(await _listener.AcceptAsync());
            }
            catch (Exception error) when (error is SocketException or ObjectDisposedException)
            {
                return;
            }
        }
    }

    private async Task AnswerAsync(Socket connection)
    {
        try
        {
            using var stream = new NetworkStream(connection, ownsSocket: true);
            if (await FastCgiRequest.ReadAsync(stream) is { } request)
            {
                var fields = _take(request).ToSeen().Chunk(MaxFieldBytes).Select(static part => $"{OriginRequest.SeenField}: {new string(part)}\r\n");
                var head = $"Status: 200 OK\r\nContent-Length: 0\r\n{string.Concat(fields)}\r\n";
                await stream.WriteAsync(FastCgiRecord.Response(Encoding.Latin1.GetBytes(head)));
            }
        }
        catch (IOException)
        {
            // the web server has lost interest
        }
    }
}
