using System.Text.Json;
using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>A <see cref="RuleOrigin"/> as JSON object, or null.</summary>
internal static class RuleJson
{
    public static void Write(Utf8JsonWriter json, RuleOrigin? rule)
    {
        if (rule is null)
        {
            json.WriteNullValue();
            return;
        }

        json.WriteStartObject();
        json.WriteString("kind", rule.Kind);
        json.WriteString("namespace", rule.Namespace);
        json.WriteString("policy", rule.Policy);
        json.WriteString("path", rule.RulePath);
        json.WriteString("file", rule.File);
        json.WriteNumber("line", rule.Line);
        json.WriteNumber("column", rule.Column);
        json.WriteEndObject();
    }
}
