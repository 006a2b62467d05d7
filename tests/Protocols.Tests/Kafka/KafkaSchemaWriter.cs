using System.Buffers.Binary;
using System.Text;

namespace PolicyProxy.Protocols.Tests.Kafka;

/// <summary>Writes random messages by schema and keeps the names and partitions it wrote.</summary>
internal sealed class KafkaSchemaWriter(KafkaSchema schema, int version, Random random)
{
    private static readonly string[] s_topics = ["orders", "payments", "a", "b.c", "über", "__consumer_offsets"];

    private readonly List<byte> _bytes = [];
    private readonly bool _flexible = schema.IsFlexible(version);

    /// <summary>Kind and value, in wire order.</summary>
    public List<string> Names { get; } = [];

    /// <summary>A request with header.</summary>
    public byte[] Request(int correlationId = 7)
    {
        Int16(schema.ApiKey);
        Int16((short)version);
        Int32(correlationId);
        Int16(3);
        _bytes.AddRange("cid"u8);
        Tags([]);
        Struct(schema.Fields);
        return [.. _bytes];
    }

    /// <summary>A response with header.</summary>
    public byte[] Response(int correlationId = 7)
    {
        Int32(correlationId);
        if (schema.ApiKey != 18)
        {
            Tags([]);
        }

        Struct(schema.Fields);
        return [.. _bytes];
    }

    private void Struct(List<KafkaField> fields)
    {
        var name = fields.Find(field => field is { Entity: "topic", IsArray: false } && field.IsIn(version));
        var id = fields.Find(field => field.Entity == "topicid" && field.IsIn(version));

        // of a name and an id side by side requests give one, responses both
        var isById = name is null || (schema.Kind == "request" && name.IsNullable(version) && random.Next(2) == 0);
        var topic = isById ? "" : Pick();
        var topicId = new byte[16];
        if (isById || schema.Kind == "response")
        {
            random.NextBytes(topicId);
        }

        foreach (var field in fields.Where(field => field.Tag is null && field.IsIn(version)))
        {
            if (field == id)
            {
                _bytes.AddRange(topicId);
            }
            else if (field == name && topic.Length == 0)
            {
                Count(-1, isString: true);
            }
            else if (field == name)
            {
                Text(topic);
            }
            else
            {
                Field(field);
                continue;
            }

            if (name is null || id is null || field == (fields.IndexOf(name) < fields.IndexOf(id) ? id : name))
            {
                var hex = id is null || topicId.All(part => part == 0) ? "" : Convert.ToHexString(topicId);
                Names.Add($"{(topic.Length == 0 ? "TopicId" : "Topic")}:{topic}{hex}");
            }
        }

        Tags([.. fields.Where(field => field.Tag is not null && field.IsIn(version)).OrderBy(field => field.Tag)]);
    }

    private string Pick() => s_topics[random.Next(s_topics.Length)];

    private void Field(KafkaField field)
    {
        if (!field.IsArray)
        {
            Value(field, field.IsNullable(version));
            return;
        }

        var count = field.IsNullable(version) && random.Next(4) == 0 ? -1 : random.Next(4);
        Count(count);
        for (var i = 0; i < count; i++)
        {
            Value(field, nullable: false);
        }
    }

    private void Value(KafkaField field, bool nullable)
    {
        var isNull = nullable && random.Next(3) == 0;
        switch (field.Type)
        {
            case "struct":
                if (nullable)
                {
                    _bytes.Add(isNull ? (byte)0xFF : (byte)1);
                }

                if (!isNull)
                {
                    Struct(field.Fields);
                }

                break;
            case "string" when isNull:
                Count(-1, isString: true);
                break;
            case "string":
                var text = field.Entity is "topic" ? Pick() : field.Entity is null ? new string('s', random.Next(3)) : field.Entity + random.Next(9);
                Text(text);
                if (field.Entity is not null)
                {
                    Names.Add($"{Kind(field.Entity)}:{text}");
                }

                break;
            case "bytes" or "records":
                var bytes = new byte[random.Next(600)];
                Count(isNull ? -1 : bytes.Length);
                _bytes.AddRange(isNull ? [] : bytes);
                break;
            default:
                var number = new byte[SizeOf(field.Type)];
                random.NextBytes(number);
                if (number.Length == 1)
                {
                    number[0] &= 3;
                }

                _bytes.AddRange(number);
                break;
        }
    }

    private static string Kind(string entity) => entity switch
    {
        "topic" => "Topic",
        "group" => "Group",
        "txn" => "TransactionalId",
        _ => "TopicPattern",
    };

    /// <summary>Bytes of a type of fixed size.</summary>
    public static int SizeOf(string type) => type switch
    {
        "bool" or "int8" => 1,
        "int16" or "uint16" => 2,
        "int32" or "uint32" => 4,
        "int64" or "float64" => 8,
        "uuid" => 16,
        _ => throw new FormatException(type),
    };

    private void Tags(List<KafkaField> fields)
    {
        if (!_flexible)
        {
            return;
        }

        var written = fields.Where(_ => random.Next(3) == 0).ToList();
        var isUnknown = random.Next(5) == 0;
        VarInt((uint)(written.Count + (isUnknown ? 1 : 0)));
        foreach (var field in written)
        {
            var part = new KafkaSchemaWriter(schema, version, random);
            part.Field(field);
            VarInt((uint)field.Tag!.Value);
            VarInt((uint)part._bytes.Count);
            _bytes.AddRange(part._bytes);
        }

        if (isUnknown)
        {
            VarInt(1_000);
            VarInt(2);
            _bytes.AddRange([1, 2]);
        }
    }

    private void Text(string text)
    {
        Count(Encoding.UTF8.GetByteCount(text), isString: true);
        _bytes.AddRange(Encoding.UTF8.GetBytes(text));
    }

    private void Count(int count, bool isString = false)
    {
        if (_flexible)
        {
            VarInt((uint)(count + 1));
        }
        else if (isString)
        {
            Int16((short)count);
        }
        else
        {
            Int32(count);
        }
    }

    private void VarInt(uint value)
    {
        for (; value > 0x7F; value >>= 7)
        {
            _bytes.Add((byte)(value | 0x80));
        }

        _bytes.Add((byte)value);
    }

    private void Int16(short value)
    {
        Span<byte> bytes = stackalloc byte[2];
        BinaryPrimitives.WriteInt16BigEndian(bytes, value);
        _bytes.AddRange(bytes);
    }

    private void Int32(int value)
    {
        Span<byte> bytes = stackalloc byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, value);
        _bytes.AddRange(bytes);
    }
}
