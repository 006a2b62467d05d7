using System.Buffers;
using Microsoft.Extensions.Logging;
using PolicyProxy.Flows.Formats;

namespace PolicyProxy.Flows;

/// <summary>
/// Writes every flow of a log to a stream as JSON lines, in the background. The data path never waits for it: flows it is too slow for, or that
/// the disk refuses, are counted and stand in the file as <c>lost_events</c>. Disposing writes what is there, flushes and closes the stream.
/// </summary>
internal sealed class FlowFileWriter : IFlowConsumer, IAsyncDisposable
{
    private const int WriteAtBytes = 32 * 1024;

    private readonly Stream _stream;
    private readonly string _path;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly FlowJsonWriter _json;
    private readonly ArrayBufferWriter<byte> _buffer = new(2 * WriteAtBytes);
    private readonly FlowPump _pump;
    private long _buffered;
    private long _unreported;
    private long _reportedInBuffer;
    private long _written;
    private long _refused;
    private long _losses;
    private long _outages;
    private bool _failing;

    /// <summary>Writes to a stream, which the writer then owns, beginning at <paramref name="from"/>.</summary>
    public FlowFileWriter(Stream stream, FlowLog log, FlowCursor from, FlowFileOptions options)
    {
        _stream = stream;
        _path = TerminalText.Safe(options.Name);
        _time = options.Time;
        _logger = options.Logger;
        _json = new FlowJsonWriter(options.Json);
        _pump = new FlowPump(log, from, this);
    }

    /// <summary>Appends to a file, which is made readable for its owner only. Throws what opening a file throws.</summary>
    public static FlowFileWriter Open(string path, FlowLog log, FlowCursor from, FlowFileOptions? options = null)
    {
        var how = new FileStreamOptions { Mode = FileMode.Append, Access = FileAccess.Write, Share = FileShare.ReadWrite | FileShare.Delete, BufferSize = 0 };
        if (!OperatingSystem.IsWindows())
        {
            how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        }

        return new FlowFileWriter(new FileStream(path, how), log, from, (options ?? new FlowFileOptions()) with { Name = path });
    }

    /// <summary>Flows handed to the stream.</summary>
    public long WrittenFlows => Volatile.Read(ref _written);

    /// <summary>Flows not written: overwritten in the log before their turn, or refused by the stream.</summary>
    public long LostFlows => _pump.LostFlows + Volatile.Read(ref _refused);

    /// <summary>Writes what was appended before the call, flushes and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _pump.DisposeAsync().ConfigureAwait(false);
        _json.Dispose();
        await _stream.DisposeAsync().ConfigureAwait(false);
    }

    async ValueTask IFlowConsumer.OnFlowAsync(FlowRecord flow)
    {
        ReportLost();
        _json.Write(flow, _buffer);
        _buffered++;
        if (_buffer.WrittenCount >= WriteAtBytes)
        {
            await WriteAsync().ConfigureAwait(false);
        }
    }

    ValueTask IFlowConsumer.OnLostAsync(long count)
    {
        _unreported += count;
        if (long.IsPow2(++_losses))
        {
            Log.FlowFileLost(_logger, _pump.LostFlows, _path);
        }

        return default;
    }

    async ValueTask IFlowConsumer.OnIdleAsync()
    {
        ReportLost();
        if (_buffer.WrittenCount > 0)
        {
            await WriteAsync().ConfigureAwait(false);
        }
    }

    private void ReportLost()
    {
        if (_unreported > 0 && !_failing)
        {
            _json.WriteLost(_unreported, _time.GetUtcNow(), _buffer);
            _reportedInBuffer += _unreported;
            _unreported = 0;
        }
    }

    private async ValueTask WriteAsync()
    {
        try
        {
            if (_failing)
            {
                await ResumeAsync().ConfigureAwait(false);
            }

            await _stream.WriteAsync(_buffer.WrittenMemory).ConfigureAwait(false);
            await _stream.FlushAsync().ConfigureAwait(false);
            Volatile.Write(ref _written, _written + _buffered);
        }
        catch (Exception error) // a full disk must not end the flows that come after it
        {
            if (!_failing && long.IsPow2(++_outages)) // a disk that comes and goes must not flood the log
            {
                Log.FlowFileFailed(_logger, _path, error);
            }

            _failing = true;
            _unreported += _buffered + _reportedInBuffer;
            Volatile.Write(ref _refused, _refused + _buffered);
        }

        _buffer.ResetWrittenCount();
        _buffered = 0;
        _reportedInBuffer = 0;
    }

    // The failed write may have left half a line: end it, then say what is missing.
    private async ValueTask ResumeAsync()
    {
        var notice = new ArrayBufferWriter<byte>(128);
        notice.Write("\n"u8);
        _json.WriteLost(_unreported, _time.GetUtcNow(), notice);
        await _stream.WriteAsync(notice.WrittenMemory).ConfigureAwait(false);
        _unreported = 0;
        _failing = false;
    }
}
