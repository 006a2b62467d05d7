using System.Text;
using System.Text.Json.Nodes;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Writes a generated object as block YAML for people to read and to paste into a vector.</summary>
internal static class YamlText
{
    public static string Write(JsonObject root)
    {
        var text = new StringBuilder();
        Map(text, root, 0);
        return text.ToString();
    }

    private static void Map(StringBuilder text, JsonObject map, int indent)
    {
        foreach (var (key, value) in map)
        {
            text.Append(' ', indent).Append(key.AsSpan().ContainsAny(":$") ? $"'{key}'" : key).Append(':');
            Value(text, value, indent);
        }
    }

    private static void Value(StringBuilder text, JsonNode? value, int indent)
    {
        switch (value)
        {
            case JsonObject { Count: > 0 } map:
                text.Append('\n');
                Map(text, map, indent + 2);
                break;
            case JsonArray { Count: > 0 } list:
                text.Append('\n');
                foreach (var item in list)
                {
                    Item(text, item, indent);
                }

                break;
            default:
                text.Append(' ').Append(value?.ToJsonString() ?? "null").Append('\n');
                break;
        }
    }

    private static void Item(StringBuilder text, JsonNode? item, int indent)
    {
        if (item is JsonObject { Count: > 0 } map)
        {
            var inner = new StringBuilder();
            Map(inner, map, indent + 2);
            inner[indent] = '-';
            text.Append(inner);
        }
        else
        {
            text.Append(' ', indent).Append('-');
            Value(text, item, indent + 2);
        }
    }
}
