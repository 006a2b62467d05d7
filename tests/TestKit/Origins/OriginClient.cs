using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;
using System.Text.RegularExpressions;

namespace PolicyProxy.TestKit.Origins;

/// <summary>One response.</summary>
/// <param name="Status">Status code, from 200 up.</param>
/// <param name="Seen">The request it answers, as the origin understood it; null = the server did not report one.</param>
internal sealed record OriginAnswer(int Status, OriginRequest? Seen)
{
    public override string ToString() => Seen is null ? Status.ToString(CultureInfo.InvariantCulture) : $"{Status} to {Seen}";
}

/// <summary>Sends bytes as they are and reads all answers until the server closes.</summary>
internal static partial class OriginClient
{
    /// <summary>
    /// Sends <paramref name="bytes"/> on a connection of its own. A reset ends the answers as a close does; a server that neither
    /// answers nor closes is an error.
    /// </summary>
    /// <param name="server">Where to.</param>
    /// <param name="bytes">What.</param>
    /// <param name="halfClose">True closes the sending side behind the last byte.</param>
    /// <param name="limit">Longest wait; null = <see cref="Origin.Patience"/>.</param>
    /// <exception cref="TimeoutException">The connection was still open when time was up; the message holds what had come.</exception>
    public static async Task<IReadOnlyList<OriginAnswer>> ExchangeAsync(IPEndPoint server, byte[] bytes, bool halfClose = false, TimeSpan? limit = null)
    {
        using var deadline = new CancellationTokenSource(limit ?? Origin.Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, deadline.Token);
        var received = new MemoryStream();
        try
        {
            await Task.WhenAll(SendAsync(socket, bytes, halfClose, deadline.Token), ReceiveAsync(socket, received, deadline.Token));
        }
        catch (SocketException)
        {
            // reset: a server that refuses does not read on
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"neither answered nor closed; answers so far: {string.Join(", ", Read(received))}");
        }

        return Read(received);
    }

    /// <summary>
    /// Finds the final responses in what a server sent; long reports come in several fields or as a list. Lengths are not used: origins answer without content, and pages of errors
    /// hold no status line.
    /// </summary>
    public static IReadOnlyList<OriginAnswer> Read(ReadOnlySpan<byte> received)
    {
        var text = Encoding.Latin1.GetString(received);
        var answers = new List<OriginAnswer>();
        foreach (Match head in Head().Matches(text))
        {
            var status = int.Parse(head.Groups["status"].ValueSpan, CultureInfo.InvariantCulture);
            var seen = string.Concat(Seen().Matches(head.Value).Select(static part => part.Groups[1].Value));
            if (status >= 200)
            {
                answers.Add(new OriginAnswer(status, seen.Length > 0 ? OriginRequest.Parse(seen.Replace(", ", string.Empty, StringComparison.Ordinal)) : null));
            }
        }

        return answers;
    }

    private static IReadOnlyList<OriginAnswer> Read(MemoryStream received) => Read(received.GetBuffer().AsSpan(0, (int)received.Length));

    private static async Task SendAsync(Socket socket, byte[] bytes, bool halfClose, CancellationToken cancellation)
    {
        for (var sent = 0; sent < bytes.Length;)
        {
            sent += await socket.SendAsync(bytes.AsMemory(sent), cancellation);
        }

        if (halfClose)
        {
            socket.Shutdown(SocketShutdown.Send);
        }
    }

    private static async Task ReceiveAsync(Socket socket, MemoryStream received, CancellationToken cancellation)
    {
        var buffer = new byte[4096];
        while (await socket.ReceiveAsync(buffer.AsMemory(), cancellation) is > 0 and var count)
        {
            received.Write(buffer, 0, count);
        }
    }

    [GeneratedRegex(@"HTTP/1\.[01] (?<status>\d{3})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")]
    private static partial Regex Head();

    [GeneratedRegex(@"\nX-Seen: ([0-9A-Fa-f., ]+)\r", RegexOptions.IgnoreCase)]
    private static partial Regex Seen();
}
