using System.Buffers;
using System.Globalization;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Soak.Wire;

/// <summary>Sends heads and tagged bodies over a socket.</summary>
internal static class WireWriter
{
    private const int PieceBytes = 64 * 1024;
    private const int ChunkBytes = 24 * 1024;

    public static Task SendTextAsync(this Socket socket, string text, CancellationToken cancellation) =>
        socket.SendAllAsync(Encoding.Latin1.GetBytes(text), cancellation);

    public static async Task SendAllAsync(this Socket socket, ReadOnlyMemory<byte> bytes, CancellationToken cancellation)
    {
        while (!bytes.IsEmpty)
        {
            bytes = bytes[await socket.SendAsync(bytes, cancellation)..];
        }
    }

    /// <summary>Sends the bytes of a body from one offset up to another.</summary>
    public static async Task SendBodyAsync(this Socket socket, TaggedBody body, int from, int to, CancellationToken cancellation)
    {
        var buffer = ArrayPool<byte>.Shared.Rent(PieceBytes);
        try
        {
            for (var at = from; at < to; at += PieceBytes)
            {
                var piece = buffer.AsMemory(0, Math.Min(PieceBytes, to - at));
                body.Fill(piece.Span, at);
                await socket.SendAllAsync(piece, cancellation);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Sends a body in chunks up to an offset; the last chunk only if asked to.</summary>
    public static async Task SendChunkedAsync(this Socket socket, TaggedBody body, int to, bool end, CancellationToken cancellation)
    {
        for (var at = 0; at < to; at += ChunkBytes)
        {
            await socket.SendAllAsync(Chunk(body, at, Math.Min(ChunkBytes, to - at)), cancellation);
        }

        if (end)
        {
            await socket.SendTextAsync("0\r\n\r\n", cancellation);
        }
    }

    /// <summary>Ends the connection with a reset.</summary>
    public static void Reset(this Socket socket)
    {
        try
        {
            socket.LingerState = new LingerOption(enable: true, 0);
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // ended already
        }

        socket.Dispose();
    }

    private static byte[] Chunk(TaggedBody body, int at, int length)
    {
        var head = Encoding.ASCII.GetBytes(length.ToString("x", CultureInfo.InvariantCulture) + "\r\n");
        var chunk = new byte[head.Length + length + 2];
        head.CopyTo(chunk, 0);
        body.Fill(chunk.AsSpan(head.Length, length), at);
        "\r\n"u8.CopyTo(chunk.AsSpan(head.Length + length));
        return chunk;
    }
}
