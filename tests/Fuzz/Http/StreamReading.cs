using System.Buffers;
using System.Text;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>
/// Reads one direction of a connection as a relay does: a head is kept until it is complete and parsed once, a body is scanned piece by
/// piece, and what is left of a piece belongs to the next head.
/// </summary>
internal sealed class StreamReading
{
    private readonly byte[] _input;
    private readonly StreamSide _side;
    private readonly HttpLimits _limits;
    private readonly List<StreamEvent> _events = [];
    private Http1HeadScanner _heads;
    private Http1BodyScanner _body;
    private Http1ResponseTo _to;
    private bool _inBody;
    private bool _isLast;
    private bool _isOver;
    private int _start;
    private int _consumed;

    private StreamReading(byte[] input, StreamSide side, HttpLimits limits)
    {
        _input = input;
        _side = side;
        _limits = limits;
        _heads = new(limits);
        _to = side.To;
    }

    /// <summary>Reads the input in pieces that end at these offsets.</summary>
    public static IReadOnlyList<StreamEvent> Run(byte[] input, StreamSide side, HttpLimits limits, ReadOnlySpan<int> ends)
    {
        var reading = new StreamReading(input, side, limits);
        foreach (var end in ends)
        {
            while (!reading._isOver && reading.TryStep(end))
            {
            }
        }

        if (!reading._isOver)
        {
            var kind = reading._inBody ? StreamEventKind.InBody : StreamEventKind.InHead;
            reading.Add(kind, reading._start, input.Length - reading._start, reading._inBody ? $"{reading._body.ContentBytes} {reading._body.MayEndHere}" : "");
        }

        return reading._events;
    }

    private bool TryStep(int end) => _inBody ? TryBody(end) : TryHead(end);

    private bool TryHead(int end)
    {
        var status = _heads.Scan(_input.AsSpan(_start..end), out int length);
        if (status != OperationStatus.Done)
        {
            return status != OperationStatus.NeedMoreData && Refuse(_start, _heads.Error);
        }

        var head = _input.AsSpan(_start, length);
        if (!(_side.IsResponse ? ReadResponse(head, out var error) : ReadRequest(head, out error)))
        {
            return Refuse(_start, error);
        }

        _start += length;
        _consumed = _start;
        return true;
    }

    private bool TryBody(int end)
    {
        var status = _body.Scan(_input.AsSpan(_consumed..end), out var taken);
        _consumed += taken;
        if (status == OperationStatus.InvalidData)
        {
            return Refuse(_consumed, _body.Error with { Offset = 0 });
        }

        if (status == OperationStatus.Done)
        {
            Add(StreamEventKind.Body, _start, _consumed - _start, $"{_body.ContentBytes}");
            _start = _consumed;
            _inBody = false;
            return !_isLast || HandOver();
        }

        return false;
    }

    private bool ReadRequest(ReadOnlySpan<byte> head, out ProtocolError error)
    {
        var scratch = ArrayPool<char>.Shared.Rent(_limits.MaxScratchChars);
        var isRead = Http1Request.TryParse(head, _limits, scratch, out var request, out error);
        if (isRead)
        {
            var text = $"{request.Method} {UrlPath.Classify(request.Path)} {request.Path} {request.Authority} {request.Protocol} {request.KeepAlive} {request.ExpectContinue} {request.Upgrade}";
            Add(StreamEventKind.Head, _start, head.Length, text);
            Enter(Http1BodyScanner.ForRequest(request, _limits), isLast: !request.KeepAlive || request.Form == Http1TargetForm.Authority);
        }

        ArrayPool<char>.Shared.Return(scratch);
        return isRead;
    }

    private bool ReadResponse(ReadOnlySpan<byte> head, out ProtocolError error)
    {
        if (!Http1Response.TryParse(head, _to, _limits, out var response, out error))
        {
            return false;
        }

        Add(StreamEventKind.Head, _start, head.Length, $"{response.StatusCode} {Encoding.Latin1.GetString(response.Reason)} {response.BodyKind} {response.StartsTunnel} {response.KeepAlive}");
        _to = response.IsInterim ? _to : Http1ResponseTo.Other;
        Enter(new(response.BodyKind, response.ContentLength, _limits), isLast: !response.KeepAlive && !response.IsInterim);
        return true;
    }

    private void Enter(Http1BodyScanner body, bool isLast)
    {
        _body = body;
        _inBody = true;
        _isLast = isLast;
    }

    private bool HandOver()
    {
        Add(StreamEventKind.Handed, _start, 0, "");
        _isOver = true;
        return false;
    }

    private bool Refuse(int start, ProtocolError error)
    {
        Add(StreamEventKind.Refused, start + error.Offset, 0, error.Code.ToString());
        _isOver = true;
        return false;
    }

    private void Add(StreamEventKind kind, long offset, long bytes, string text) => _events.Add(new(kind, offset, bytes, text));
}
