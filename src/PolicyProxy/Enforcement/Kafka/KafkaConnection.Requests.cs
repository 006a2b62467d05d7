using System.Buffers.Binary;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <content>Takes requests: whole where they lie, whole in memory of their own, or, if only their records are long, while they come.</content>
internal sealed partial class KafkaConnection
{
    private const int HeaderBytes = 8;

    private int _requestLeft;
    private int _discardLeft;
    private int _read;

    /// <summary>Looks at what the client has sent.</summary>
    /// <param name="permit">The connection's permit.</param>
    /// <param name="bytes">All that has come and was not dealt with.</param>
    /// <param name="count">How many of them the step is about.</param>
    public KafkaStep TakeRequest(ref ConnectionPermit permit, ReadOnlySpan<byte> bytes, out int count)
    {
        if (_requestLeft > 0)
        {
            return Stream(ref permit, bytes, out count);
        }

        if (_discardLeft > 0)
        {
            return Discard(bytes, out count);
        }

        if (_request.IsOpen)
        {
            count = _request.Take(bytes);
            var step = _request.IsComplete ? JudgeKept(ref permit) : KafkaStep.Wait;
            return step == KafkaStep.Wait && count > 0 ? KafkaStep.Drop : step;
        }

        return Begin(ref permit, bytes, out count);
    }

    private KafkaStep Begin(ref ConnectionPermit permit, ReadOnlySpan<byte> bytes, out int count)
    {
        count = 0;
        if (IsClosing || _pending.IsFull || bytes.Length < LengthBytes)
        {
            return KafkaStep.Wait;
        }

        var length = ReadLength(bytes);
        if (length < HeaderBytes || length > door.Limits.MaxFrameBytes)
        {
            return Refuse(ref permit, new(length < HeaderBytes ? ProtocolErrorCode.KafkaFrameLength : ProtocolErrorCode.TooLarge, 0));
        }

        if (bytes.Length < LengthBytes + HeaderBytes)
        {
            return KafkaStep.Wait;
        }

        var total = LengthBytes + length;
        if (bytes.Length >= total)
        {
            count = total;
            _read = 0;
            var step = Judge(ref permit, bytes[LengthBytes..total]);
            count = step is KafkaStep.Wait or KafkaStep.Close ? 0 : count;
            return step;
        }

        var isProduce = BinaryPrimitives.ReadInt16BigEndian(bytes[LengthBytes..]) == KafkaApi.Produce;
        if (isProduce && ReadArriving(ref permit, bytes, length, out count) is { } early)
        {
            return early;
        }

        if (total <= bufferBytes || (isProduce && bytes.Length < bufferBytes))
        {
            return KafkaStep.Wait; // it fits: judged where it lies; or its last topic may still come in time
        }

        if (total > door.MaxKeptBytes)
        {
            return Refuse(ref permit, new(ProtocolErrorCode.TooLarge, 0));
        }

        _read = 0;
        _request.Begin(total);
        count = _request.Take(bytes);
        return KafkaStep.Drop;
    }

    // A Produce of one topic is judged once that is named, and its records need not be there. Null: it has to be whole.
    private KafkaStep? ReadArriving(ref ConnectionPermit permit, ReadOnlySpan<byte> bytes, int length, out int count)
    {
        count = 0;
        _reader ??= new KafkaStreamReader(door.Limits);
        if (_read == 0)
        {
            _reader.Begin(length);
        }

        _read += _reader.Read(bytes[(LengthBytes + _read)..]);
        if (_reader.Error.Code != ProtocolErrorCode.None)
        {
            return Refuse(ref permit, _reader.Error);
        }

        if (!_reader.TryGetRequest(out var request) || request.TopicCount > 1)
        {
            return null;
        }

        if (!Resolve(permit, request))
        {
            return KafkaStep.Wait;
        }

        var verdict = Check(ref permit, request, out _);
        if (verdict.Allowed)
        {
            Forward(permit, request);
            _requestLeft = LengthBytes + length - bytes.Length;
            count = bytes.Length;
            _read = 0;
            return KafkaStep.Pass;
        }

        if (!permit.IsAllowed)
        {
            return KafkaStep.Close;
        }

        // The answer names the partitions, so the rest is read.
        _discardLeft = LengthBytes + length - bytes.Length;
        count = bytes.Length;
        _read = 0;
        return KafkaStep.Drop;
    }

    // What follows names nothing, but has to be what it says it is: a request that is not whole is none to the broker.
    private KafkaStep Stream(ref ConnectionPermit permit, ReadOnlySpan<byte> bytes, out int count)
    {
        count = Math.Min(_requestLeft, bytes.Length);
        if (_reader!.Read(bytes[..count]) != count)
        {
            count = 0;
            return Refuse(ref permit, _reader.Error);
        }

        _requestLeft -= count;
        return count > 0 ? KafkaStep.Pass : KafkaStep.Wait;
    }

    private KafkaStep Discard(ReadOnlySpan<byte> bytes, out int count)
    {
        count = Math.Min(_discardLeft, bytes.Length);
        if (count == 0)
        {
            return KafkaStep.Wait;
        }

        if (_reader!.Read(bytes[..count]) != count)
        {
            return KafkaStep.Close;
        }

        _discardLeft -= count;
        if (_discardLeft > 0)
        {
            return KafkaStep.Drop;
        }

        // Judged when its topic was seen; the errors stand where they were written.
        return _reader.TryGetRequest(out var request) && Answer(request, ErrorsOf(request)) ? KafkaStep.Drop : KafkaStep.Close;
    }

    private KafkaStep JudgeKept(ref ConnectionPermit permit)
    {
        var step = Judge(ref permit, _request.Frame[LengthBytes..]);
        if (step == KafkaStep.Pass)
        {
            System.Buffers.BuffersExtensions.Write(ToUpstream, _request.Frame);
            step = KafkaStep.Drop;
        }

        if (step == KafkaStep.Drop)
        {
            _request.Release();
        }

        return step;
    }
}
