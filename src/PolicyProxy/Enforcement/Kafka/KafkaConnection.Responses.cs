using System.Buffers;
using System.Buffers.Binary;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <content>Passes responses on in the order of the requests, edited where policy asks for it.</content>
internal sealed partial class KafkaConnection
{
    private const int CorrelationIdBytes = sizeof(int);

    private int _responseLeft;

    /// <summary>Looks at what the broker has sent.</summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="bytes">All that has come and was not dealt with.</param>
    /// <param name="count">How many of them the step is about.</param>
    public KafkaStep TakeResponse(in ConnectionPermit permit, ReadOnlySpan<byte> bytes, out int count)
    {
        if (_responseLeft > 0)
        {
            count = Math.Min(_responseLeft, bytes.Length);
            _responseLeft -= count;
            return KafkaStep.Pass;
        }

        if (_response.IsOpen)
        {
            count = _response.Take(bytes);
            return !_response.IsComplete ? KafkaStep.Drop
                : EditKept(permit) ? KafkaStep.Drop : KafkaStep.Close;
        }

        return BeginResponse(permit, bytes, out count);
    }

    /// <summary>Gives out our own answers whose turn has come.</summary>
    /// <param name="now">Milliseconds of <see cref="Environment.TickCount64"/>.</param>
    public void GiveAnswers(long now)
    {
        while (!IsMidResponse && _pending.Count > 0 && _pending.Head is { Action: KafkaAction.Answer } answer && answer.NotBefore <= now)
        {
            ToClient.Write(answer.Bytes);
            _pending.RemoveHead();
        }
    }

    private KafkaStep BeginResponse(in ConnectionPermit permit, ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (_pending.Count == 0)
        {
            return bytes.IsEmpty ? KafkaStep.Wait : KafkaStep.Close; // nobody asked
        }

        ref var head = ref _pending.Head;
        if (head.Action == KafkaAction.Answer || bytes.Length < LengthBytes + CorrelationIdBytes)
        {
            return KafkaStep.Wait;
        }

        var length = ReadLength(bytes);
        if (length < CorrelationIdBytes || length > int.MaxValue - LengthBytes || ReadLength(bytes[LengthBytes..]) != head.CorrelationId)
        {
            return KafkaStep.Close; // whose answer it is cannot be known any more
        }

        var total = LengthBytes + length;
        return head.Action switch
        {
            KafkaAction.Pass => PassResponse(ref head, bytes, total, out count),
            KafkaAction.MergeHead => MergeHead(ref head, bytes, length, out count),
            _ when bytes.Length >= total => EditWhole(permit, bytes, total, out count),
            _ when total <= bufferBytes => KafkaStep.Wait,
            _ when total > door.MaxKeptBytes => KafkaStep.Close,
            _ => KeepResponse(bytes, total, out count),
        };
    }

    private KafkaStep PassResponse(ref KafkaPending head, ReadOnlySpan<byte> bytes, int total, out int count)
    {
        count = 0;
        if (head.Rules is not null && !NoteSession(head, bytes, total))
        {
            return KafkaStep.Wait;
        }

        count = Math.Min(total, bytes.Length);
        _responseLeft = total - count;
        _pending.RemoveHead();
        return KafkaStep.Pass;
    }

    private KafkaStep MergeHead(ref KafkaPending head, ReadOnlySpan<byte> bytes, int length, out int count)
    {
        count = 0;
        if (head.Rules is not null && !NoteSession(head, bytes, LengthBytes + length))
        {
            return KafkaStep.Wait;
        }

        var come = bytes[LengthBytes..Math.Min(bytes.Length, LengthBytes + length)];
        switch (KafkaResponseHead.Rewrite(head.ApiKey, head.ApiVersion, length, come, head.Bytes, ToClient, out var consumed))
        {
            case OperationStatus.NeedMoreData when bytes.Length < bufferBytes:
                return KafkaStep.Wait;
            case OperationStatus.Done:
                count = LengthBytes + consumed;
                _responseLeft = length - consumed;
                _pending.RemoveHead();
                return KafkaStep.Drop;
            default:
                return KafkaStep.Close;
        }
    }

    // Behind the correlation id: tags from version 12 on, throttle time, error code, session id. False if they have not come.
    private bool NoteSession(in KafkaPending head, ReadOnlySpan<byte> bytes, int total)
    {
        var start = LengthBytes + CorrelationIdBytes + (head.ApiVersion >= 12 ? 1 : 0);
        var end = start + sizeof(int) + sizeof(short) + sizeof(int);
        if (bytes.Length < end && bytes.Length < total)
        {
            return false;
        }

        var isReadable = bytes.Length >= end && total >= end && (head.ApiVersion < 12 || bytes[start - 1] == 0)
            && BinaryPrimitives.ReadInt16BigEndian(bytes[(start + sizeof(int))..]) == 0;
        _sessionId = isReadable ? ReadLength(bytes[(end - sizeof(int))..]) : 0;
        _sessionRules = head.Rules;
        return true;
    }

    private KafkaStep KeepResponse(ReadOnlySpan<byte> bytes, int total, out int count)
    {
        _response.Begin(total);
        count = _response.Take(bytes);
        return KafkaStep.Drop;
    }

    private KafkaStep EditWhole(in ConnectionPermit permit, ReadOnlySpan<byte> bytes, int total, out int count)
    {
        var isDone = Edit(permit, bytes[LengthBytes..total]);
        count = isDone ? total : 0;
        return isDone ? KafkaStep.Drop : KafkaStep.Close;
    }

    private bool EditKept(in ConnectionPermit permit)
    {
        var isDone = Edit(permit, _response.Frame[LengthBytes..]);
        _response.Release();
        return isDone;
    }

    // False if the response cannot be read, so that the connection has to end.
    private bool Edit(in ConnectionPermit permit, ReadOnlySpan<byte> frame)
    {
        var pending = _pending.Head;
        _pending.RemoveHead();
        switch (pending.Action)
        {
            case KafkaAction.Merge:
                return KafkaResponse.WriteMerged(pending.ApiKey, pending.ApiVersion, frame, pending.Bytes, ToClient);
            case KafkaAction.Filter:
                return Filter(permit, pending, frame);
            case KafkaAction.Versions:
                RewriteVersions(pending, frame);
                return true;
            default:
                _isAsking = false;
                return Learn(pending, frame);
        }
    }
}
