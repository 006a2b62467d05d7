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
    /// <summary>True if the response says, or by its version means, that the server closes the connection behind this response.</summary>
    public bool Closes { get; init; }

    public override string ToString() => Seen is null ? Status.ToString(CultureInfo.InvariantCulture) : $"{Status} to {Seen}";
}

/// <summary>All that a server sent on one connection.</summary>
/// <param name="Answers">Final responses in order.</param>
/// <param name="IsClosed">True if the server closed or reset the connection; false if the client lost patience.</param>
internal sealed record OriginExchange(IReadOnlyList<OriginAnswer> Answers, bool IsClosed)
{
    public override string ToString() => string.Join(", ", Answers) + (IsClosed ? string.Empty : " (still open)");
}

/// <summary>Sends bytes as they are and reads all answers until the server closes.</summary>
internal static partial class OriginClient
{
    /// <summary>Sends bytes on a connection of their own. A reset ends the answers as a close does.</summary>
    /// <param name="server">Where to.</param>
    /// <param name="bytes">What; not more than the server reads before it answers.</param>
    /// <param name="answers">Final responses behind which the sending side is closed; a server that would keep the connection closes it then.</param>
    /// <param name="patience">Longest wait for the server to close; null = <see cref="Origin.Patience"/>.</param>
    public static async Task<OriginExchange> ExchangeAsync(IPEndPoint server, byte[] bytes, int answers = int.MaxValue, TimeSpan? patience = null)
    {
        using var deadline = new CancellationTokenSource(patience ?? Origin.Patience);
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(server, deadline.Token);
        using var received = new MemoryStream();
        var isClosed = true;
        try
        {
            for (var sent = 0; sent < bytes.Length;)
            {
                sent += await socket.SendAsync(bytes.AsMemory(sent), deadline.Token);
            }

            var buffer = new byte[4096];
            while (await socket.ReceiveAsync(buffer.AsMemory(), deadline.Token) is > 0 and var count)
            {
                received.Write(buffer, 0, count);
                if (answers < int.MaxValue && Read(received).Count >= answers)
                {
                    socket.Shutdown(SocketShutdown.Send);
                    answers = int.MaxValue;
                }
            }
        }
        catch (SocketException)
        {
            // reset: a server that refuses does not read on
        }
        catch (OperationCanceledException)
        {
            isClosed = false;
        }

        return new OriginExchange(Read(received), isClosed);
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
                answers.Add(new OriginAnswer(status, seen.Length > 0 ? OriginRequest.Parse(seen.Replace(", ", string.Empty, StringComparison.Ordinal)) : null)
                {
                    Closes = head.Value.StartsWith("HTTP/1.0", StringComparison.Ordinal)
                        ? !head.Value.Contains("\r\nConnection: keep-alive\r\n", StringComparison.OrdinalIgnoreCase)
                        : head.Value.Contains("\r\nConnection: close\r\n", StringComparison.OrdinalIgnoreCase),
                });
            }
        }

        return answers;
    }

    private static IReadOnlyList<OriginAnswer> Read(MemoryStream received) => Read(received.GetBuffer().AsSpan(0, (int)received.Length));

    [GeneratedRegex(@"HTTP/1\.[01] (?<status>\d{3})[^\r\n]*\r\n(?:[^\r\n]+\r\n)*\r\n")]
    private static partial Regex Head();

    [GeneratedRegex(@"\nX-Seen: ([0-9A-Fa-f., ]+)\r", RegexOptions.IgnoreCase)]
    private static partial Regex Seen();
}
