using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using PolicyProxy.TestKit.Http;

namespace PolicyProxy.Sidecar.Tests.Relay;

/// <summary>One connection that a <see cref="ScriptedUpstream"/> has accepted.</summary>
/// <param name="Number">0 for the first one, then 1, 2, ….</param>
/// <param name="Bytes">The connection; closed when its script ends.</param>
internal sealed record ScriptedConnection(int Number, TextConnection Bytes)
{
    /// <summary>Reads a request head, without its empty line; null if the relay ends the connection instead.</summary>
    public Task<string?> ReadHeadAsync() => Bytes.ReadUntilAsync("\r\n\r\n");

    /// <summary>Reads a request with its body, every byte as received; null if the relay ends the connection instead.</summary>
    public async Task<string?> ReadRequestAsync()
    {
        if (await ReadHeadAsync() is not { } head)
        {
            return null;
        }

        var lines = head.Split("\r\n").Select(static line => line.ToLowerInvariant()).ToList();
        var length = lines.Find(static line => line.StartsWith("content-length: ", StringComparison.Ordinal));
        var body = length is not null ? await Bytes.ReadAsync(int.Parse(length.AsSpan(16), CultureInfo.InvariantCulture))
            : lines.Contains("transfer-encoding: chunked") ? await ReadChunksAsync()
            : string.Empty;
        return $"{head}\r\n\r\n{body}";
    }

    /// <summary>Reads a request and then sends a response; true if there was a request.</summary>
    public async Task<bool> AnswerAsync(string response)
    {
        if (await ReadRequestAsync() is null)
        {
            return false;
        }

        await Bytes.WriteAsync(response);
        return true;
    }

    private async Task<string> ReadChunksAsync()
    {
        var body = new StringBuilder();
        while (await Bytes.ReadUntilAsync("\r\n") is { } line)
        {
            body.Append(line).Append("\r\n");
            var size = int.Parse(line.Split(';')[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (size > 0)
            {
                body.Append(await Bytes.ReadAsync(size + 2));
                continue;
            }

            while (await Bytes.ReadUntilAsync("\r\n") is { Length: > 0 } trailer)
            {
                body.Append(trailer).Append("\r\n");
            }

            return body.Append("\r\n").ToString();
        }

        throw new IOException("truncated body");
    }
}

/// <summary>
/// An origin on a raw socket that does what its script says: each connection runs it from the beginning, and is closed behind it. What
/// the network throws at a script ends it; anything else it throws fails the test when the upstream is disposed.
/// </summary>
internal sealed class ScriptedUpstream : IAsyncDisposable
{
    private readonly Socket _listener;
    private readonly Func<ScriptedConnection, Task> _script;
    private readonly List<Task> _running = [];
    private readonly Task _accepting;
    private int _connections;

    private ScriptedUpstream(Socket listener, Func<ScriptedConnection, Task> script)
    {
        _listener = listener;
        _script = script;
        _accepting = AcceptAsync();
    }

    public Uri Uri => new($"http://{_listener.LocalEndPoint}");

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndPoint!;

    /// <summary>Connections accepted so far.</summary>
    public int Connections => Volatile.Read(ref _connections);

    /// <summary>Starts to accept.</summary>
    public static ScriptedUpstream Start(Func<ScriptedConnection, Task> script, IPEndPoint? address = null)
    {
        address ??= new IPEndPoint(IPAddress.Loopback, 0);
        var listener = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        listener.Bind(address);
        listener.Listen();
        return new ScriptedUpstream(listener, script);
    }

    /// <summary>Stops accepting and waits for the scripts, which end because the relay closes its connections.</summary>
    public async ValueTask DisposeAsync()
    {
        _listener.Dispose();
        await _accepting;
        await Task.WhenAll(_running).WaitAsync(TimeSpan.FromSeconds(30));
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var socket = await _listener.AcceptAsync();
                var number = Interlocked.Increment(ref _connections) - 1; // before the script runs: it may answer at once
                _running.Add(RunAsync(new ScriptedConnection(number, new TextConnection(socket))));
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // disposed
        }
    }

    private async Task RunAsync(ScriptedConnection connection)
    {
        using var bytes = connection.Bytes;
        try
        {
            await _script(connection);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException or IOException)
        {
            // the relay has closed the connection, or the script has
        }
    }
}
