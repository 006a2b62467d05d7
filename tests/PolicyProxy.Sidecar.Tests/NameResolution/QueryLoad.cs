using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Sends queries at a rate that does not depend on the answers, and counts what came back for each.</summary>
internal sealed class QueryLoad : IDisposable
{
    /// <summary>As long as the C library waits.</summary>
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly Socket[] _sockets;
    private readonly byte[] _outcome = new byte[1 << 20];
    private readonly long[] _sentAt = new long[1 << 20];
    private readonly int _rate;
    private readonly string _name;
    private readonly ManualResetEventSlim _stop = new();
    private readonly Thread _sender;
    private volatile int _sent;
    private int _answered;
    private long _longest;

    /// <param name="server">Who is asked.</param>
    /// <param name="rate">Queries a second.</param>
    /// <param name="name">The name asked for.</param>
    public QueryLoad(IPEndPoint server, int rate, string name)
    {
        (_rate, _name) = (rate, name);
        _sockets = [.. Enumerable.Range(0, 16).Select(_ => Connect(server))]; // 16 x 65,536 queries have different places
        for (var socket = 0; socket < _sockets.Length; socket++)
        {
            var number = socket;
            new Thread(() => Receive(number)) { IsBackground = true }.Start();
        }

        _sender = new Thread(Send) { IsBackground = true };
        _sender.Start();
    }

    public int Sent => _sent;

    public int Answered => Volatile.Read(ref _answered);

    /// <summary>Sends no more, waits for what is outstanding as long as a client would, and says how it went.</summary>
    public (int Sent, int Lost, int Failed, TimeSpan Longest) Finish()
    {
        _stop.Set();
        _sender.Join();
        SpinWait.SpinUntil(() => Answered == Sent, s_patience);
        var outcomes = _outcome.AsSpan(0, Sent);
        return (Sent, outcomes.Count((byte)0), Sent - outcomes.Count((byte)0) - outcomes.Count((byte)1), TimeSpan.FromSeconds(Volatile.Read(ref _longest) / (double)Stopwatch.Frequency));
    }

    public void Dispose()
    {
        _stop.Set();
        _sender.Join();
        Array.ForEach(_sockets, static socket => socket.Dispose());
        _stop.Dispose();
    }

    private static Socket Connect(IPEndPoint server)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveBufferSize = 1 << 20 };
        socket.Connect(server);
        return socket;
    }

    private void Send()
    {
        var query = Query(_name);
        var start = Stopwatch.GetTimestamp();
        while (!_stop.Wait(1))
        {
            var due = Math.Min((int)(Stopwatch.GetElapsedTime(start).TotalSeconds * _rate), _outcome.Length);
            for (; _sent < due; _sent++)
            {
                var id = _sent / _sockets.Length;
                (query[0], query[1]) = ((byte)(id >> 8), (byte)id);
                _sentAt[_sent] = Stopwatch.GetTimestamp();
                Try(_sockets[_sent % _sockets.Length], query);
            }
        }
    }

    // Refused: nobody listens. The query is lost, as it would be for a client.
    private static void Try(Socket socket, byte[] query)
    {
        try
        {
            _ = socket.Send(query);
        }
        catch (SocketException)
        {
        }
    }

    private void Receive(int number)
    {
        var message = new byte[512];
        while (!_stop.IsSet || Answered < Sent)
        {
            try
            {
                _ = _sockets[number].Receive(message);
            }
            catch (SocketException)
            {
                continue; // nobody listens there for now
            }
            catch (ObjectDisposedException)
            {
                return;
            }

            var place = (((message[0] << 8) | message[1]) * _sockets.Length) + number;
            if (_outcome[place] == 0)
            {
                _outcome[place] = (byte)((message[3] & 15) + 1); // 1 = NOERROR
                _longest = Math.Max(_longest, Stopwatch.GetTimestamp() - _sentAt[place]);
                _ = Interlocked.Increment(ref _answered);
            }
        }
    }

    private static byte[] Query(string name)
    {
        List<byte> bytes = [0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 0];
        foreach (var label in name.Split('.'))
        {
            bytes.Add((byte)label.Length);
            bytes.AddRange(Encoding.ASCII.GetBytes(label));
        }

        return [.. bytes, 0, 0, 1, 0, 1];
    }
}
