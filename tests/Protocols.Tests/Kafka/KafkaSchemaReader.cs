using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PolicyProxy.Protocols.Tests.Kafka;

/// <summary>Reads messages by schema into text such as <c>{Groups=[{GroupId=g ErrorCode=30}]}</c>; throws if a byte is not as described.</summary>
internal ref struct KafkaSchemaReader
{
    private readonly int _version;
    private readonly bool _flexible;
    private readonly bool _short;
    private readonly StringBuilder _text = new();
    private ReadOnlySpan<byte> _rest;

    private KafkaSchemaReader(KafkaSchema schema, int version, ReadOnlySpan<byte> bytes, bool isShort)
    {
        _version = version;
        _flexible = schema.IsFlexible(version);
        _rest = bytes;
        _short = isShort;
    }

    /// <summary>A response, with its length in front.</summary>
    /// <param name="apiKey">Key of the request.</param>
    /// <param name="version">Version of the request.</param>
    /// <param name="frame">The frame.</param>
    /// <param name="correlationId">What it has to say.</param>
    /// <param name="isShort">Only errors, names and what a partition is called.</param>
    public static string Response(int apiKey, int version, ReadOnlySpan<byte> frame, int correlationId = 7, bool isShort = false)
    {
        var schema = KafkaSchema.Response(apiKey);
        var reader = new KafkaSchemaReader(schema, version, frame, isShort);
        Assert.Equal(frame.Length - 4, reader.Int32());
        Assert.Equal(correlationId, reader.Int32());
        if (apiKey != 18)
        {
            reader.Tags();
        }

        return reader.Body(schema);
    }

    /// <summary>A request, without its length.</summary>
    public static string Request(ReadOnlySpan<byte> frame, bool isShort = false)
    {
        int apiKey = BinaryPrimitives.ReadInt16BigEndian(frame);
        int version = BinaryPrimitives.ReadInt16BigEndian(frame[2..]);
        var schema = KafkaSchema.All.Single(schema => schema.Kind == "request" && schema.ApiKey == apiKey);
        var reader = new KafkaSchemaReader(schema, version, frame, isShort);
        reader.Take(8);
        reader.Take(Math.Max(0, (int)BinaryPrimitives.ReadInt16BigEndian(reader.Take(2))));
        reader.Tags();
        return reader.Body(schema);
    }

    private string Body(KafkaSchema schema)
    {
        Struct(schema.Fields);
        return _rest.IsEmpty ? _text.ToString() : throw new FormatException($"{_rest.Length} bytes follow {_text}");
    }

    private void Struct(List<KafkaField> fields)
    {
        _text.Append('{');
        foreach (var field in fields)
        {
            if (field.Tag is not null || !field.IsIn(_version))
            {
                continue;
            }

            var start = _text.Length;
            _text.Append(_text[^1] == '{' ? "" : " ").Append(field.Name).Append('=');
            Field(field);
            if (_short && !(field.Type == "struct" || field.Entity is not null || field.Name.Contains("ErrorCode", StringComparison.Ordinal)
                || field.Name is "PartitionIndex" or "Partition" or "Index"))
            {
                _text.Length = start;
            }
        }

        _text.Append('}');
        Tags();
    }

    private void Field(KafkaField field)
    {
        if (!field.IsArray)
        {
            Value(field, field.IsNullable(_version));
            return;
        }

        var count = Count();
        if (count < (field.IsNullable(_version) ? -1 : 0) || count > _rest.Length)
        {
            throw new FormatException($"{field.Name} has {count} elements after {_text}");
        }

        if (count < 0)
        {
            _text.Append("null");
            return;
        }

        _text.Append('[');
        for (var i = 0; i < count; i++)
        {
            _text.Append(i == 0 ? "" : ",");
            Value(field, nullable: false);
        }

        _text.Append(']');
    }

    private void Value(KafkaField field, bool nullable)
    {
        switch (field.Type)
        {
            case "struct":
                if (nullable && (sbyte)Take(1)[0] < 0)
                {
                    _text.Append("null");
                    return;
                }

                Struct(field.Fields);
                return;
            case "string" or "bytes" or "records":
                var length = field.Type == "string" && !_flexible ? BinaryPrimitives.ReadInt16BigEndian(Take(2)) : Count();
                if (length < (nullable ? -1 : 0))
                {
                    throw new FormatException($"{field.Name} is null after {_text}");
                }

                _text.Append(length < 0 ? "null" : field.Type == "string" ? Encoding.UTF8.GetString(Take(length)) : Convert.ToHexString(Take(length)));
                return;
            case "uuid":
                _text.Append(Convert.ToHexString(Take(16)).TrimStart('0'));
                return;
            default:
                var bytes = Take(KafkaSchemaWriter.SizeOf(field.Type));
                long value = (sbyte)bytes[0];
                foreach (var part in bytes[1..])
                {
                    value = (value << 8) | part;
                }

                _text.Append(value.ToString(CultureInfo.InvariantCulture));
                return;
        }
    }

    private void Tags()
    {
        if (_flexible)
        {
            for (var count = VarInt(); count > 0; count--)
            {
                VarInt();
                Take((int)VarInt());
            }
        }
    }

    private int Count() => _flexible ? (int)VarInt() - 1 : Int32();

    private int Int32() => BinaryPrimitives.ReadInt32BigEndian(Take(4));

    private uint VarInt()
    {
        uint value = 0;
        for (var shift = 0; ; shift += 7)
        {
            var part = Take(1)[0];
            value |= (uint)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return value;
            }
        }
    }

    private ReadOnlySpan<byte> Take(int count)
    {
        var taken = _rest[..count];
        _rest = _rest[count..];
        return taken;
    }
}
