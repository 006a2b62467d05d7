using System.Buffers.Binary;
using System.Text;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Judges;

/// <summary>
/// Writes a Kafka request of versions 0 to 2 whose body carries the topics of a question with one partition each, or its other names. Bodies of
/// requests that the cases do not ask for are left out.
/// </summary>
internal sealed class KafkaFrame
{
    private readonly List<byte> _bytes = [];

    /// <summary>The frame without its 4-byte length.</summary>
    public static byte[] Write(KafkaQuestion question)
    {
        var frame = new KafkaFrame();
        frame.Int16(question.ApiKey).Int16(question.ApiVersion).Int32(7);
        frame.Text(question.ClientId);
        frame.Body(question);
        return [.. frame._bytes];
    }

    private void Body(KafkaQuestion question)
    {
        var version = question.ApiVersion;
        switch (question.ApiKey)
        {
            case 0:
                // acks, timeout; per partition: index, no records
                Int16(1).Int32(1000).Topics(question, p => p.Int32(0).Int32(-1));
                break;
            case 1:
                // replica, wait, bytes; per partition: index, offset, bytes
                Int32(-1).Int32(100).Int32(1).Topics(question, p => p.Int32(0).Int64(0).Int32(1024));
                break;
            case 2:
                // replica; isolation from version 2 on; per partition: index, time, count in version 0
                Int32(-1).Bytes(version >= 2 ? 1 : 0).Topics(question, p => p.Int32(0).Int64(-1).Bytes(version == 0 ? 4 : 0));
                break;
            case 3:
                Int32(question.Topics.Count);
                foreach (var topic in question.Topics)
                {
                    Text(topic);
                }

                break;
            case 8:
                // group; generation and member from version 1 on; retention in version 2; per partition: index, offset, time in version 1, note
                Text(question.GroupId ?? "");
                if (version >= 1)
                {
                    Int32(1).Text("m");
                }

                Bytes(version >= 2 ? 8 : 0).Topics(question, p => p.Int32(0).Int64(5).Bytes(version == 1 ? 8 : 0).Text(null));
                break;
            case 9:
                Text(question.GroupId ?? "").Topics(question, p => p.Int32(0));
                break;
            case 10:
                // key; its type from version 1 on: a group
                Text(question.GroupId ?? "").Bytes(version >= 1 ? 1 : 0);
                break;
            case 11:
                // group; session; rebalance from version 1 on; member, protocol type, protocols
                Text(question.GroupId ?? "").Int32(10_000).Bytes(version >= 1 ? 4 : 0).Text("").Text("consumer").Subscriptions(question.Topics);
                break;
            case 12:
                // group, generation, member
                Text(question.GroupId ?? "").Int32(1).Text("m");
                break;
            case 19:
                // per topic: partitions, replicas, assignments, configurations; time, and validation only from version 1 on
                Int32(question.Topics.Count);
                foreach (var topic in question.Topics)
                {
                    Text(topic).Int32(1).Int16(1).Int32(0).Int32(0);
                }

                Int32(1000).Bytes(version >= 1 ? 1 : 0);
                break;
            case 22 when version >= 2:
                // tags of the header; transactional id, compact; time; tags
                Bytes(1).Compact(question.TransactionalId).Int32(1000).Bytes(1);
                break;
            case 22:
                Text(question.TransactionalId).Int32(1000);
                break;
            case 36:
                Int32(0);
                break;
            case 60:
                // tags of the header, whether operations are asked for, tags
                Bytes(3);
                break;
            default:
                break;
        }
    }

    // The same in two protocols, as many clients do; per protocol: name, and the length of version, topics, user data.
    private void Subscriptions(IReadOnlyList<string> topics)
    {
        var metadata = new KafkaFrame().Int16(0).Int32(topics.Count);
        foreach (var topic in topics)
        {
            metadata.Text(topic);
        }

        metadata.Int32(-1);
        Int32(2);
        foreach (var protocol in (string[])["range", "roundrobin"])
        {
            Text(protocol).Int32(metadata._bytes.Count).Add([.. metadata._bytes]);
        }
    }

    private void Topics(KafkaQuestion question, Action<KafkaFrame> partition)
    {
        Int32(question.Topics.Count);
        foreach (var topic in question.Topics)
        {
            Text(topic).Int32(1);
            partition(this);
        }
    }

    private KafkaFrame Int16(short value)
    {
        var bytes = new byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        return Add(bytes);
    }

    private KafkaFrame Int32(int value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        return Add(bytes);
    }

    private KafkaFrame Int64(long value)
    {
        var bytes = new byte[8];
        BinaryPrimitives.WriteInt64BigEndian(bytes, value);
        return Add(bytes);
    }

    private KafkaFrame Bytes(int zeros) => Add(new byte[zeros]);

    private KafkaFrame Text(string? text)
    {
        var bytes = Encoding.UTF8.GetBytes(text ?? "");
        return Int16(text is null ? (short)-1 : (short)bytes.Length).Add(bytes);
    }

    // Shorter than 127 bytes.
    private KafkaFrame Compact(string? text) =>
        text is null ? Bytes(1) : Add([(byte)(text.Length + 1)]).Add(Encoding.UTF8.GetBytes(text));

    private KafkaFrame Add(byte[] bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }
}
