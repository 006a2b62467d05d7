using System.Buffers.Binary;
using PolicyProxy.TestKit.Http2;

namespace PolicyProxy.Sidecar.Tests.Terminating;

/// <summary>Sends bodies over one connection as fast as its windows allow (RFC 9113 §5.2), each stream in turn.</summary>
internal sealed class Http2Upload(RawHttp2Connection connection)
{
    private const int DefaultWindow = 65_535;
    private const int InitialWindowSetting = 4;

    // No window is opened for so long: whoever is to open it waits for somebody else. On a slow machine it may be early, which makes the test milder, not fail.
    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(2);

    private readonly byte[] _block = new byte[16_384];
    private readonly Dictionary<int, Body> _bodies = [];
    private Task<Http2Frame?>? _reading;
    private long _window = DefaultWindow;
    private long _initialWindow = DefaultWindow;

    /// <summary>Bytes of bodies that the peer's windows have let through.</summary>
    public long Sent { get; private set; }

    /// <summary>Opens a stream with a body of so many bytes.</summary>
    public async Task OpenAsync(byte[] block, long length) => _bodies[await connection.OpenAsync(block, ends: false)] = new Body { Left = length };

    /// <summary>Sends until the windows are shut and nobody opens one.</summary>
    public async Task UntilStoppedAsync()
    {
        while (await SendAsync() || await TakeAsync(s_silence))
        {
        }
    }

    /// <summary>Sends all that is left; the answers.</summary>
    public async Task<IReadOnlyList<Http2Answer>> FinishAsync()
    {
        while (_bodies.Values.Any(static body => body.Left > 0))
        {
            if (!await SendAsync())
            {
                Assert.True(await TakeAsync(Timeout.InfiniteTimeSpan), "the connection has ended");
            }
        }

        var answers = new List<Http2Answer>();
        foreach (var stream in _bodies.Keys)
        {
            if (_reading is { } reading)
            {
                _reading = null;
                _ = await reading; // the connection takes note of it
            }

            answers.Add(await connection.AnswerAsync(stream));
        }

        return answers;
    }

    private async Task<bool> SendAsync()
    {
        var hasSent = false;
        foreach (var (stream, body) in _bodies)
        {
            var count = (int)Math.Min(Math.Min(_block.Length, body.Left), Math.Min(_window, _initialWindow + body.Opened));
            if (count <= 0)
            {
                continue;
            }

            (_window, body.Opened, body.Left, Sent) = (_window - count, body.Opened - count, body.Left - count, Sent + count);
            await connection.WriteAsync(Http2Frame.Data(stream, _block[..count], ends: body.Left == 0));
            hasSent = true;
        }

        return hasSent;
    }

    // One frame; false if none comes in time.
    private async Task<bool> TakeAsync(TimeSpan patience)
    {
        _reading ??= connection.ReadAsync();
        try
        {
            if (await _reading.WaitAsync(patience) is not { } frame)
            {
                return false;
            }

            _reading = null;
            Note(frame);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private void Note(Http2Frame frame)
    {
        if (frame is { Type: Http2FrameType.Settings, Flags: Http2Flags.None })
        {
            for (var i = 0; i < frame.Payload.Length; i += 6)
            {
                if (BinaryPrimitives.ReadUInt16BigEndian(frame.Payload.AsSpan(i)) == InitialWindowSetting)
                {
                    _initialWindow = BinaryPrimitives.ReadUInt32BigEndian(frame.Payload.AsSpan(i + 2));
                }
            }
        }
        else if (frame.Type == Http2FrameType.WindowUpdate)
        {
            var more = BinaryPrimitives.ReadUInt32BigEndian(frame.Payload);
            if (frame.Stream == 0)
            {
                _window += more;
            }
            else if (_bodies.TryGetValue(frame.Stream, out var body))
            {
                body.Opened += more;
            }
        }
    }

    /// <summary>What is left of a body, and how far its window has moved.</summary>
    private sealed class Body
    {
        public long Left { get; set; }

        public long Opened { get; set; }
    }
}
