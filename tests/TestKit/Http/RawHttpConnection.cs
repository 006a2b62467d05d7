using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.TestKit.Http;

/// <summary>A response as it came over the wire.</summary>
/// <param name="Status">Status code; 0 = the connection was reset or closed before a response.</param>
/// <param name="Head">Status line and field lines, CRLF between them, without the empty line.</param>
/// <param name="Body">Body as text, chunks joined.</param>
internal sealed record RawResponse(int Status, string Head, string Body)
{
    /// <summary>Value of the first field with this name; null = absent.</summary>
    public string? Header(string name) =>
        Head.Split("\r\n").Skip(1)
            .Where(line => line.StartsWith(name + ":", StringComparison.OrdinalIgnoreCase))
            .Select(line => line[(name.Length + 1)..].Trim())
            .FirstOrDefault();
}

/// <summary>An HTTP/1.1 client that sends exactly the bytes it is given, from a chosen loopback address.</summary>
internal sealed class RawHttpConnection : IDisposable
{
    /// <summary>Takes over a connected socket.</summary>
    public RawHttpConnection(Socket socket) => Bytes = new TextConnection(socket);

    /// <summary>The connection itself, for what is no request and no response.</summary>
    public TextConnection Bytes { get; }

    /// <summary>Connects; <paramref name="source"/> is the address the server sees.</summary>
    public static async Task<RawHttpConnection> ConnectAsync(IPEndPoint server, IPAddress? source = null)
    {
        var socket = new Socket(server.AddressFamily, SocketType.Stream, ProtocolType.Tcp);
        try
        {
            socket.Bind(new IPEndPoint(source ?? IPAddress.Loopback, 0));
            await socket.ConnectAsync(server);
            return new RawHttpConnection(socket);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    /// <summary>
    /// Connects; null = reset. A server that refuses the peer resets right after accepting, sometimes before connect has returned.
    /// </summary>
    public static async Task<RawHttpConnection?> ConnectOrResetAsync(IPEndPoint server, IPAddress? source = null)
    {
        try
        {
            return await ConnectAsync(server, source);
        }
        catch (SocketException error) when (error.SocketErrorCode == SocketError.ConnectionReset)
        {
            return null;
        }
    }

    /// <summary>One request on a connection of its own.</summary>
    public static async Task<RawResponse> SendAsync(IPEndPoint server, string request, IPAddress? source = null)
    {
        if (await ConnectOrResetAsync(server, source) is not { } connection)
        {
            return new RawResponse(0, "reset", string.Empty);
        }

        using (connection)
        {
            return await connection.SendAsync(request);
        }
    }

    /// <summary>Sends a request and reads its response. A reset by the peer is a response with status 0.</summary>
    public async Task<RawResponse> SendAsync(string request)
    {
        try
        {
            await WriteAsync(request);
            return await ReadAsync(hasBody: !request.StartsWith("HEAD ", StringComparison.Ordinal));
        }
        catch (SocketException error) when (error.SocketErrorCode is SocketError.ConnectionReset or SocketError.Shutdown)
        {
            return new RawResponse(0, "reset", string.Empty);
        }
    }

    public Task WriteAsync(string text) => Bytes.WriteAsync(text);

    public async Task<RawResponse> ReadAsync(bool hasBody = true)
    {
        if (await Bytes.ReadUntilAsync("\r\n\r\n") is not { } head)
        {
            return new RawResponse(0, "closed", string.Empty);
        }

        var response = new RawResponse(int.Parse(head.AsSpan(9, 3), CultureInfo.InvariantCulture), head, string.Empty);
        if (!hasBody || response.Status is < 200 or 204 or 304)
        {
            return response;
        }

        if (response.Header("transfer-encoding") == "chunked")
        {
            return response with { Body = await ReadChunksAsync() };
        }

        var length = int.Parse(response.Header("content-length") ?? "0", CultureInfo.InvariantCulture);
        return response with { Body = await Bytes.ReadAsync(length) };
    }

    /// <summary>True if the server closes or resets the connection without sending anything more.</summary>
    public async Task<bool> IsClosedAsync() => (await Bytes.ReadToEndAsync()).Text.Length == 0;

    /// <summary>How the server ends the connection, which has to send nothing more.</summary>
    public async Task<ConnectionEnd> EndAsync() => await Bytes.ReadToEndAsync() is { Text: "" } last
        ? last.End
        : throw new IOException("the server sent more before it ended");

    public void Dispose() => Bytes.Dispose();

    private async Task<string> ReadChunksAsync()
    {
        var body = new StringBuilder();
        while (true)
        {
            var size = await Bytes.ReadUntilAsync("\r\n") ?? throw new IOException("truncated chunk");
            var length = int.Parse(size.AsSpan(0, size.IndexOf(';') is >= 0 and var end ? end : size.Length), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            if (length == 0)
            {
                while (await Bytes.ReadUntilAsync("\r\n") is { Length: > 0 })
                {
                }

                return body.ToString();
            }

            body.Append(await Bytes.ReadAsync(length));
            _ = await Bytes.ReadAsync(2);
        }
    }
}
