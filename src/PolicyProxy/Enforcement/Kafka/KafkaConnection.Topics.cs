using System.Buffers;
using System.Buffers.Binary;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Enforcement.Kafka;

/// <content>What clients get to know of topics, and what is learned of them.</content>
internal sealed partial class KafkaConnection
{
    private bool Filter(in ConnectionPermit permit, in KafkaPending pending, ReadOnlySpan<byte> frame)
    {
        if (!Learn(pending, frame) || !KafkaRequest.TryParse(pending.Request, door.Limits, out var request, out _))
        {
            return false;
        }

        var refusal = new Refusal(permit, new KafkaCall(request, _names, new short[request.NameCount]), pending.ShowsNothing);
        var asksById = request.TopicScope != KafkaTopicScope.All && AsksById(request);
        var refused = asksById ? KafkaRefused.ShownById
            : request.TopicScope == KafkaTopicScope.All && door.HidesTopics ? KafkaRefused.Omitted
            : KafkaRefused.ShownByName;
        if (pending.Bytes is null)
        {
            return KafkaResponse.WriteFiltered(pending.ApiKey, pending.ApiVersion, frame, refusal, pending.ShowsNothing ? KafkaRefused.Omitted : refused, ToClient);
        }

        var filtered = new ArrayBufferWriter<byte>();
        if (!KafkaResponse.WriteFiltered(pending.ApiKey, pending.ApiVersion, frame, refusal, KafkaRefused.Omitted, filtered))
        {
            return false;
        }

        if (MayMistakeOneError(request))
        {
            var once = filtered;
            filtered = new ArrayBufferWriter<byte>();
            if (!KafkaResponse.WriteMerged(pending.ApiKey, pending.ApiVersion, once.WrittenSpan[LengthBytes..], pending.Bytes, filtered))
            {
                return false;
            }
        }

        return KafkaResponse.WriteMerged(pending.ApiKey, pending.ApiVersion, filtered.WrittenSpan[LengthBytes..], pending.Bytes, ToClient);
    }

    // kafka-python 2.0 takes an answer with one topic and an error for a failure to answer, and asks again ten times a second, for a minute or for
    // ever, without a word to its user. Told twice, it believes it. The clients that speak these versions mind no topic that comes twice.
    private static bool MayMistakeOneError(in KafkaRequest request) => request is { ApiKey: KafkaApi.Metadata, ApiVersion: <= 1, NameCount: 1 };

    private static bool AsksById(in KafkaRequest request)
    {
        foreach (var name in request.Names)
        {
            if (name.Kind == KafkaNameKind.TopicId)
            {
                return true;
            }
        }

        return false;
    }

    private void RewriteVersions(in KafkaPending pending, ReadOnlySpan<byte> frame)
    {
        var references = door.PrefersNames ? KafkaTopicReferences.NamesOnly : KafkaTopicReferences.NamesAndIds;
        if (!KafkaApiVersions.TryRewrite(pending.ApiVersion, frame, references, ToClient))
        {
            // Some brokers refuse a version in no known layout. It offers nothing, so it may pass: clients ask again with an older one.
            WriteFrame(frame, ToClient);
        }
    }

    private static void WriteFrame(ReadOnlySpan<byte> frame, KafkaOutput output)
    {
        BinaryPrimitives.WriteInt32BigEndian(output.GetSpan(LengthBytes), frame.Length);
        output.Advance(LengthBytes);
        output.Write(frame);
    }

    // False while names are asked for.
    private bool Resolve(in ConnectionPermit permit, in KafkaRequest request)
    {
        _names ??= door.NamesFor(permit);
        if (_isAsking)
        {
            return false;
        }

        if (_hasAsked || request.ApiKey == KafkaApi.Metadata)
        {
            return true;
        }

        List<Guid>? unknown = null;
        foreach (var name in request.Names)
        {
            if (name.Kind == KafkaNameKind.TopicId && _names.Find(name.Id).IsEmpty)
            {
                (unknown ??= []).Add(name.Id);
            }
        }

        if (unknown is null)
        {
            return true;
        }

        // On the client's connection, so that the broker tells nothing that it would not tell the client. Who knows of ids knows this version.
        KafkaMetadataRequest.Write(request.CorrelationId, request.ClientId, System.Runtime.InteropServices.CollectionsMarshal.AsSpan(unknown), ToUpstream);
        _pending.Add(new KafkaPending
        {
            Action = KafkaAction.Own,
            ApiKey = KafkaApi.Metadata,
            ApiVersion = KafkaMetadataRequest.Version,
            CorrelationId = request.CorrelationId,
        });
        _isAsking = _hasAsked = true;
        return false;
    }

    private bool Learn(in KafkaPending pending, ReadOnlySpan<byte> frame)
    {
        if (!KafkaMetadataReader.Teaches(pending.ApiKey, pending.ApiVersion))
        {
            return true;
        }

        if (!KafkaMetadataReader.TryRead(pending.ApiKey, pending.ApiVersion, frame, out var topics))
        {
            return false;
        }

        foreach (var topic in topics)
        {
            _names?.Learn(topic.Id, topic.Bytes);
        }

        return true;
    }

    private readonly ref struct Refusal(ConnectionPermit permit, KafkaCall call, bool showsNothing) : IKafkaRefusal
    {
        private readonly KafkaCall _call = call;

        public bool Refuses(in KafkaName name) =>
            name.Kind is KafkaNameKind.Topic or KafkaNameKind.TopicId && (showsNothing || !PolicyGate.Shows(permit, _call, name));
    }
}
