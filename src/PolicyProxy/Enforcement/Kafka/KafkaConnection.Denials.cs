using System.Buffers;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <content>Answers what is denied, and ends sessions that policy has moved on from.</content>
internal sealed partial class KafkaConnection
{
    private KafkaStep Deny(in ConnectionPermit permit, in KafkaRequest request, ReadOnlySpan<byte> frame, Span<short> errors)
    {
        // The epoch of a session advances at the broker only, so an incremental Fetch goes there even if nothing is left of it.
        var isPart = IsPart(request, errors) || request is { ApiKey: KafkaApi.Fetch, SessionEpoch: > 0 };
        if (!isPart || !KafkaPartialDenial.IsPossible(request))
        {
            return Answer(request, errors) ? KafkaStep.Drop : KafkaStep.Close;
        }

        var answers = new ArrayBufferWriter<byte>();
        if (!KafkaPartialDenial.TryWriteErrors(request, errors, answers) || !KafkaPartialDenial.TryWriteRest(request, errors, ToUpstream))
        {
            return Answer(request, errors) ? KafkaStep.Drop : KafkaStep.Close;
        }

        if (IsUnanswered(request))
        {
            IsClosing = true; // as brokers do: it is the one way to let the client know
            return KafkaStep.Drop;
        }

        var action = IsFiltered(request) ? KafkaAction.Filter
            : request.ApiKey is KafkaApi.Fetch or ShareFetch ? KafkaAction.MergeHead
            : KafkaAction.Merge;
        _pending.Add(Pending(request, action) with
        {
            Bytes = answers.WrittenSpan.ToArray(),
            Request = action == KafkaAction.Filter ? frame.ToArray() : null,
            Rules = SessionRules(permit, request),
        });
        return KafkaStep.Drop;
    }

    // True if something that is asked for is left: a topic, or a group where no topics are named.
    private static bool IsPart(in KafkaRequest request, ReadOnlySpan<short> errors)
    {
        foreach (var name in request.Names)
        {
            if (errors[name.Position] == 0 && (request.TopicCount == 0 || name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId))
            {
                return true;
            }
        }

        return false;
    }

    // False if there is no answer, so that the connection has to end.
    private bool Answer(in KafkaRequest request, Span<short> errors)
    {
        var answer = new ArrayBufferWriter<byte>();
        if (!KafkaErrorResponse.TryWrite(request, errors, new KafkaCall(request, _names, errors).Error, answer))
        {
            return false;
        }

        var delay = request.ApiKey is KafkaApi.Fetch or ShareFetch ? Math.Clamp(request.MaxWait, 0, door.MaxFetchDelay) : 0;
        _pending.Add(Pending(request, KafkaAction.Answer) with { Bytes = answer.WrittenSpan.ToArray(), NotBefore = delay == 0 ? 0 : Environment.TickCount64 + delay });
        return true;
    }

    // What an incremental Fetch does not name was judged when it was named: in this connection, by the policy in force.
    private bool IsLiveSession(in ConnectionPermit permit, in KafkaRequest request) =>
        request.SessionId == _sessionId && _sessionId != 0 && ReferenceEquals(_sessionRules, permit.Rules);

    private object? SessionRules(in ConnectionPermit permit, in KafkaRequest request)
    {
        switch (request)
        {
            case { ApiKey: KafkaApi.Fetch, ApiVersion: >= 7, SessionEpoch: 0 }:
                return permit.Rules;
            case { ApiKey: ShareFetch, SessionEpoch: 0 }:
                _shareRules = permit.Rules;
                return null;
            default:
                return null;
        }
    }

    // A share session belongs to a member and ends with its connection; another member's cannot be told from this one's.
    private KafkaStep EndSession(in KafkaRequest request, bool closes)
    {
        var answer = new ArrayBufferWriter<byte>();
        if (!KafkaErrorResponse.TryWriteSessionEnd(request, answer))
        {
            return KafkaStep.Close;
        }

        _pending.Add(Pending(request, KafkaAction.Answer) with { Bytes = answer.WrittenSpan.ToArray() });
        IsClosing |= closes;
        return KafkaStep.Drop;
    }
}
