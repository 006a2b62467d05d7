using PolicyProxy.Enforcement.Kafka;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <content>
/// Moves Kafka both ways. What passes as it came stays in the two windows; what was written instead goes out behind it. Nothing more is judged while
/// something written waits, so a side that does not read holds up the other and memory stays bounded.
/// </content>
internal sealed unsafe partial class ClientConnection
{
    private KafkaConnection? _kafka;

    private void StartKafka()
    {
        _stage = Stage.Kafka;
        _kafka = new KafkaConnection(_relay.Shared.Kafka, _relay.Options.BufferBytes);
        _relay.Counters.Tunnels++;
        _relay.TunnelTimeouts.Start(Timeout, Loop.Now);
        if (_upstream is null) // else behind a CONNECT
        {
            _address = 0;
            Connect();
        }
    }

    private bool MoveKafka()
    {
        if (_upstream is not { IsConnected: true } upstream)
        {
            return false; // what the client sends waits in the kernel
        }

        var kafka = _kafka!;
        var moved = !kafka.IsClosing && Fill(this, ref _request);
        moved |= JudgeKafkaRequests(kafka);
        if (!IsOpen)
        {
            return false;
        }

        moved |= Drain(ref _request, upstream, out var requestFailed);
        moved |= _request.Sendable == 0 && Drain(kafka.ToUpstream, upstream, ref requestFailed);
        moved |= Fill(upstream, ref _response);
        moved |= JudgeKafkaResponses(kafka);
        if (!IsOpen)
        {
            return false;
        }

        moved |= Drain(ref _response, this, out var responseFailed);
        moved |= _response.Sendable == 0 && Drain(kafka.ToClient, this, ref responseFailed);
        if (requestFailed || responseFailed || HasFailed || upstream.HasFailed)
        {
            Abort();
            return false;
        }

        moved |= EndKafka(kafka, upstream);
        if (!IsOpen || _stage != Stage.Kafka)
        {
            return moved;
        }

        Count(kafka);
        if (moved)
        {
            (kafka.IsMidRequest || !_request.IsEmpty ? _relay.HeadTimeouts : _relay.TunnelTimeouts).Start(Timeout, Loop.Now);
            _request.ReleaseIfEmpty(Loop.Buffers);
            _response.ReleaseIfEmpty(Loop.Buffers);
        }
        else if (kafka.IsAnswerDelayed)
        {
            Loop.ScheduleAtTick(this);
        }

        return moved;
    }

    private bool JudgeKafkaRequests(KafkaConnection kafka)
    {
        var moved = false;
        while (kafka.ToUpstream.IsEmpty && kafka.ToClient.Length < _relay.Options.BufferBytes && (_request.Unjudged > 0 || kafka.IsHeld))
        {
            var step = kafka.TakeRequest(ref _permit, _request.Received, out var count);
            if (!Take(step, count, ref _request))
            {
                return IsOpen && moved;
            }

            moved = true;
        }

        return moved;
    }

    private bool JudgeKafkaResponses(KafkaConnection kafka)
    {
        var moved = false;
        while (kafka.ToClient.IsEmpty)
        {
            kafka.GiveAnswers(Loop.Now);
            if (_response.Unjudged == 0 || !kafka.ToClient.IsEmpty)
            {
                return moved;
            }

            var step = kafka.TakeResponse(_permit, _response.Received, out var count);
            _relay.Counters.UpstreamFailures += step == KafkaStep.Close ? 1 : 0;
            if (!Take(step, count, ref _response))
            {
                return IsOpen && moved;
            }

            moved = true;
        }

        return moved;
    }

    // False if nothing was taken: more has to come first, or the connection has ended.
    private bool Take(KafkaStep step, int count, ref ByteWindow window)
    {
        switch (step)
        {
            case KafkaStep.Pass:
                window.Judge(count);
                return true;
            case KafkaStep.Drop:
                window.Remove(count);
                return true;
            case KafkaStep.Close:
                Abort();
                return false;
            default:
                return false;
        }
    }

    // A request cut short goes nowhere; what was asked before is still answered.
    private bool EndKafka(KafkaConnection kafka, UpstreamConnection upstream)
    {
        var isSent = _response.IsEmpty && kafka.ToClient.IsEmpty;
        if (upstream.HasEnded && isSent)
        {
            Close();
            return false;
        }

        if (kafka.IsClosing)
        {
            if (kafka.IsMidRequest && HasEnded)
            {
                Abort();
            }
            else if (kafka.IsIdle && isSent && _request.Sendable == 0)
            {
                _request.Release(Loop.Buffers);
                CloseGracefully();
                return true;
            }

            return false;
        }

        if (HasEnded && kafka.WantsBytes)
        {
            kafka.BeginClosing();
            return true;
        }

        return false;
    }

    private void Count(KafkaConnection kafka)
    {
        var (requests, denied, malformed) = kafka.TakeCounts();
        _relay.Counters.Requests += requests;
        _relay.Counters.Denied += denied;
        _relay.Counters.Malformed += malformed;
    }

    private static bool Drain(KafkaOutput output, LoopSocket to, ref bool failed)
    {
        if (output.IsEmpty || !to.CanSend)
        {
            return false;
        }

        fixed (byte* bytes = output.Unsent)
        {
            var status = to.Send(bytes, output.Length, out var count);
            failed |= status == IoStatus.Failed;
            if (status != IoStatus.Done)
            {
                return false;
            }

            output.Sent(count);
            return true;
        }
    }
}
