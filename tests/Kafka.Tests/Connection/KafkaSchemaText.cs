using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using PolicyProxy.Protocols.Tests.Kafka;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>
/// Writes messages by schema from text such as <c>{Name=orders Partitions=[{Index=0}]}</c>. What the text leaves out is 0, empty or null. Bytes and ids are hexadecimal.
/// </summary>
internal sealed class KafkaSchemaText
{
    private readonly List<byte> _bytes = [];
    private readonly int _version;
    private readonly bool _isFlexible;

    private KafkaSchemaText(KafkaSchema schema, int version) => (_version, _isFlexible) = (version, schema.IsFlexible(version));

    /// <summary>A request, with its length in front.</summary>
    public static byte[] Request(short key, short version, string body, int id = 1, string client = "test")
    {
        var schema = KafkaSchema.All.Single(schema => schema.Kind == "request" && schema.ApiKey == key);
        var writer = new KafkaSchemaText(schema, version);
        writer.Int16(key);
        writer.Int16(version);
        writer.Int32(id);
        writer.Int16((short)client.Length);
        writer._bytes.AddRange(Encoding.UTF8.GetBytes(client));
        writer.Tags();
        writer.Struct(schema.Fields, Node.Parse(body));
        return writer.Frame();
    }

    /// <summary>A response, with its length in front.</summary>
    public static byte[] Response(short key, short version, string body, int id = 1)
    {
        var schema = KafkaSchema.Response(key);
        var writer = new KafkaSchemaText(schema, version);
        writer.Int32(id);
        if (key != 18)
        {
            writer.Tags();
        }

        writer.Struct(schema.Fields, Node.Parse(body));
        return writer.Frame();
    }

    private byte[] Frame()
    {
        var frame = new byte[4 + _bytes.Count];
        BinaryPrimitives.WriteInt32BigEndian(frame, _bytes.Count);
        _bytes.CopyTo(frame, 4);
        return frame;
    }

    private void Struct(List<KafkaField> fields, Node node)
    {
        foreach (var field in fields.Where(f => f.Tag is null && f.IsIn(_version)))
        {
            Field(field, node.Member(field.Name));
        }

        Tags();
    }

    private void Field(KafkaField field, Node? node)
    {
        if (!field.IsArray)
        {
            Value(field, node, field.IsNullable(_version));
            return;
        }

        Count(node is { Text: "null" } ? -1 : node?.Items.Count ?? 0);
        foreach (var item in node?.Items ?? [])
        {
            Value(field, item, isNullable: false);
        }
    }

    private void Value(KafkaField field, Node? node, bool isNullable)
    {
        var isNull = node is { Text: "null" } || (node is null && isNullable);
        switch (field.Type)
        {
            case "struct":
                if (isNullable)
                {
                    _bytes.Add(isNull ? (byte)0xFF : (byte)1);
                }

                if (!isNull)
                {
                    Struct(field.Fields, node ?? Node.Parse("{}"));
                }

                break;
            case "string":
                var text = Encoding.UTF8.GetBytes(node?.Text ?? "");
                Length(isNull ? -1 : text.Length);
                _bytes.AddRange(isNull ? [] : text);
                break;
            case "bytes" or "records":
                var bytes = Convert.FromHexString(isNull ? "" : node?.Text ?? "");
                Count(isNull ? -1 : bytes.Length);
                _bytes.AddRange(bytes);
                break;
            case "uuid":
                _bytes.AddRange(Convert.FromHexString((node?.Text ?? "").PadLeft(32, '0')));
                break;
            default:
                var number = long.Parse(node?.Text ?? "0", CultureInfo.InvariantCulture);
                for (var shift = (KafkaSchemaWriter.SizeOf(field.Type) - 1) * 8; shift >= 0; shift -= 8)
                {
                    _bytes.Add((byte)(number >> shift));
                }

                break;
        }
    }

    private void Tags() => _bytes.AddRange(_isFlexible ? [0] : []);

    private void Length(int length)
    {
        if (_isFlexible)
        {
            Count(length);
        }
        else
        {
            Int16((short)length);
        }
    }

    private void Count(int count)
    {
        if (!_isFlexible)
        {
            Int32(count);
            return;
        }

        var rest = (uint)(count + 1);
        for (; rest >= 0x80; rest >>= 7)
        {
            _bytes.Add((byte)(rest | 0x80));
        }

        _bytes.Add((byte)rest);
    }

    private void Int16(short value) => _bytes.AddRange([(byte)(value >> 8), (byte)value]);

    private void Int32(int value) => _bytes.AddRange([(byte)(value >> 24), (byte)(value >> 16), (byte)(value >> 8), (byte)value]);

    /// <summary>A value in the text: a word, a list, or members.</summary>
    private sealed class Node
    {
        private readonly Dictionary<string, Node> _members = [];

        public string Text { get; private set; } = "";

        public List<Node> Items { get; } = [];

        public static Node Parse(string text)
        {
            var at = 0;
            return Read(text, ref at);
        }

        public Node? Member(string name) => _members.GetValueOrDefault(name);

        private static Node Read(string text, ref int at)
        {
            var node = new Node();
            if (text[at] == '{')
            {
                for (at++; text[at] != '}';)
                {
                    var end = text.IndexOf('=', at);
                    var name = text[at..end].Trim();
                    at = end + 1;
                    node._members[name] = Read(text, ref at);
                    at += text[at] == ' ' ? 1 : 0;
                }

                at++;
            }
            else if (text[at] == '[')
            {
                for (at++; text[at] != ']';)
                {
                    node.Items.Add(Read(text, ref at));
                    at += text[at] == ',' ? 1 : 0;
                }

                at++;
            }
            else
            {
                var start = at;
                while (at < text.Length && text[at] is not (' ' or ',' or '}' or ']'))
                {
                    at++;
                }

                node.Text = text[start..at];
            }

            return node;
        }
    }
}
