using System.Buffers;
using PolicyProxy.Gate;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <content>Decides what becomes of a request.</content>
internal sealed partial class KafkaConnection
{
    private const short SaslHandshake = 17;
    private const short ShareFetch = 78;
    private const short ShareAcknowledge = 79;

    // Pass: as it came. Drop: what is to be sent of it was written. Wait: names are asked for.
    private KafkaStep Judge(ref ConnectionPermit permit, ReadOnlySpan<byte> frame)
    {
        if (KafkaMetadataRequest.Repaired(frame) is not { } repaired)
        {
            return JudgeExact(ref permit, frame);
        }

        var step = JudgeExact(ref permit, repaired);
        if (step != KafkaStep.Pass)
        {
            return step;
        }

        WriteFrame(repaired, ToUpstream);
        return KafkaStep.Drop;
    }

    private KafkaStep JudgeExact(ref ConnectionPermit permit, ReadOnlySpan<byte> frame)
    {
        if (!KafkaRequest.TryParse(frame, door.Limits, out var request, out var error))
        {
            return Refuse(ref permit, error);
        }

        // What follows the first version of the handshake are no requests any more (KIP-152).
        if (request is { ApiKey: SaslHandshake, ApiVersion: 0 })
        {
            return Refuse(ref permit, new(ProtocolErrorCode.KafkaVersion, 0));
        }

        if (!Resolve(permit, request))
        {
            return KafkaStep.Wait;
        }

        var verdict = Check(ref permit, request, out var errors);
        if (!permit.IsAllowed)
        {
            return KafkaStep.Close; // policy has moved on: not even the connection is admitted any more
        }

        return request.ApiKey switch
        {
            KafkaApi.ApiVersions when verdict.Allowed => ForwardVersions(permit, request),
            KafkaApi.Metadata => ForwardMetadata(permit, request, frame, verdict, errors),
            KafkaApi.Fetch when request.SessionEpoch > 0 && !IsLiveSession(permit, request) => EndSession(request, closes: false),
            ShareFetch or ShareAcknowledge when request.SessionEpoch != 0 && !ReferenceEquals(_shareRules, permit.Rules) => EndSession(request, closes: true),
            _ when !verdict.Allowed => Deny(permit, request, frame, errors),
            _ when IsFiltered(request) => ForwardFiltered(request, frame),
            _ => Forward(permit, request),
        };
    }

    private Verdict Check(ref ConnectionPermit permit, in KafkaRequest request, out Span<short> errors)
    {
        errors = ErrorsOf(request);
        var verdict = door.Gate.Check(ref permit, new KafkaCall(request, _names, errors));
        _hasAsked = false;
        _requests++;
        _denied += verdict.Allowed ? 0 : 1;
        return verdict;
    }

    private KafkaStep Forward(in ConnectionPermit permit, in KafkaRequest request)
    {
        if (!IsUnanswered(request))
        {
            _pending.Add(Pending(request, KafkaAction.Pass) with { Rules = SessionRules(permit, request) });
        }

        return KafkaStep.Pass;
    }

    private static bool IsUnanswered(in KafkaRequest request) => request is { ApiKey: KafkaApi.Produce, Acks: 0 };

    private static KafkaPending Pending(in KafkaRequest request, KafkaAction action) => new()
    {
        Action = action,
        ApiKey = request.ApiKey,
        ApiVersion = request.ApiVersion,
        CorrelationId = request.CorrelationId,
    };

    // A client may speak a version that is not known here: it is answered as brokers do, so that it comes back with an older one (KIP-511).
    private KafkaStep ForwardVersions(in ConnectionPermit permit, in KafkaRequest request)
    {
        if (request.ApiVersion > KafkaApiVersions.MaxVersion(KafkaApi.ApiVersions, KafkaTopicReferences.NamesAndIds))
        {
            var answer = new ArrayBufferWriter<byte>();
            KafkaApiVersions.WriteUnsupported(request.CorrelationId, answer);
            _pending.Add(Pending(request, KafkaAction.Answer) with { Bytes = answer.WrittenSpan.ToArray() });
            return KafkaStep.Drop;
        }

        // Who may send anything may know of everything: brokers among each other.
        _pending.Add(Pending(request, PolicyGate.IsOpen(permit, request) ? KafkaAction.Pass : KafkaAction.Versions));
        return KafkaStep.Pass;
    }

    // A list of all topics: its answer is cut to those that are allowed.
    private static bool IsFiltered(in KafkaRequest request) =>
        request is { ApiKey: KafkaApi.OffsetFetch or KafkaApi.DescribeTopicPartitions, TopicScope: KafkaTopicScope.All };

    private KafkaStep ForwardFiltered(in KafkaRequest request, ReadOnlySpan<byte> frame)
    {
        _pending.Add(Pending(request, KafkaAction.Filter) with { Request = frame.ToArray() });
        return KafkaStep.Pass;
    }

    // Never answered here: only the broker has the list of brokers, without which clients get nowhere.
    private KafkaStep ForwardMetadata(in ConnectionPermit permit, in KafkaRequest request, ReadOnlySpan<byte> frame, in Verdict verdict, Span<short> errors)
    {
        var pending = Pending(request, KafkaAction.Filter) with { Request = frame.ToArray(), ShowsNothing = !verdict.Allowed && request.NameCount == 0 };
        var isDenied = errors.ContainsAnyExcept<short>(0);
        var guards = request is { AllowAutoTopicCreation: true, TopicScope: KafkaTopicScope.Listed, ApiVersion: >= 4 }
            && !PolicyGate.Creates(permit, new KafkaCall(request, _names, errors));
        if (!isDenied && !guards)
        {
            _pending.Add(pending);
            return KafkaStep.Pass;
        }

        var answers = new ArrayBufferWriter<byte>();
        if ((isDenied && !KafkaPartialDenial.TryWriteErrors(request, errors, answers))
            || !KafkaPartialDenial.TryWriteRest(request, errors, ToUpstream, forbidsTopicCreation: guards))
        {
            return KafkaStep.Close;
        }

        _pending.Add(pending with { Bytes = isDenied ? answers.WrittenSpan.ToArray() : null });
        return KafkaStep.Drop;
    }
}
