using System.Text;
using System.Text.Json;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Writes a YAML value as JSON without spaces and with sorted keys, so that equal values have equal texts.</summary>
internal static class CanonicalJson
{
    public static string Write(YamlValue value)
    {
        var text = new StringBuilder();
        Append(text, value);
        return text.ToString();
    }

    private static void Append(StringBuilder text, YamlValue value)
    {
        switch (value.Kind)
        {
            case YamlValueKind.List:
                text.Append('[');
                for (var i = 0; i < value.Items.Count; i++)
                {
                    text.Append(i == 0 ? "" : ",");
                    Append(text, value.Items[i]);
                }

                text.Append(']');
                break;
            case YamlValueKind.Map:
                var separator = "{";
                foreach (var entry in value.Entries.OrderBy(static e => e.Name, StringComparer.Ordinal))
                {
                    text.Append(separator).Append('"').Append(JsonEncodedText.Encode(entry.Name)).Append("\":");
                    Append(text, entry.Value);
                    separator = ",";
                }

                text.Append(value.Entries.Count == 0 ? "{}" : "}");
                break;
            case YamlValueKind.Text:
                text.Append('"').Append(JsonEncodedText.Encode(value.Text)).Append('"');
                break;
            default:
                text.Append(value.JsonText);
                break;
        }
    }
}
