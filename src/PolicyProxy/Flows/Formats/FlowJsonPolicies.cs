using System.Globalization;
using System.Text.Json;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Flows.Formats;

/// <summary>The fields of a flow that say which policy decided: <c>*_allowed_by</c>, <c>*_denied_by</c> and <c>policy_log</c>.</summary>
internal static class FlowJsonPolicies
{
    private const string PolicyLabel = "k8s:io.cilium.k8s.policy.";

    /// <summary>Writes the fields into the flow that is open.</summary>
    public static void Write(Utf8JsonWriter json, FlowEvent flowEvent, FlowRedaction redaction)
    {
        var flow = flowEvent.Flow;
        if (flowEvent.AllowedBy is { } allowing)
        {
            WritePolicy(json, flow.Direction == TrafficDirection.Egress ? "egress_allowed_by"u8 : "ingress_allowed_by"u8, allowing, flow.PolicyRevision);
        }

        if (flowEvent.DeniedBy is { } denying)
        {
            WritePolicy(json, flow.Direction == TrafficDirection.Egress ? "egress_denied_by"u8 : "ingress_denied_by"u8, denying, flow.PolicyRevision);
        }

        FlowJson.WriteList(json, "policy_log"u8, [.. PolicyLog(flow, redaction)]);
    }

    private static void WritePolicy(Utf8JsonWriter json, ReadOnlySpan<byte> field, RuleOrigin rule, ulong revision)
    {
        json.WriteStartArray(field);
        json.WriteStartObject();
        FlowJson.WriteText(json, "name"u8, rule.Policy);
        FlowJson.WriteText(json, "namespace"u8, rule.Namespace);
        json.WriteStartArray("labels"u8);
        json.WriteStringValue(PolicyLabel + "derived-from=" + rule.Kind);
        json.WriteStringValue(PolicyLabel + "name=" + rule.Policy);
        if (rule.Namespace.Length > 0)
        {
            json.WriteStringValue(PolicyLabel + "namespace=" + rule.Namespace);
        }

        json.WriteStringValue("policyproxy:rule=" + rule.RulePath);
        json.WriteStringValue("policyproxy:source=" + FlowExplanation.Place(rule));
        json.WriteEndArray();
        if (revision != 0)
        {
            json.WriteString("revision"u8, revision.ToString(CultureInfo.InvariantCulture));
        }

        FlowJson.WriteText(json, "kind"u8, rule.Kind);
        json.WriteEndObject();
        json.WriteEndArray();
    }

    // The rule's own log value first, as in Cilium; then what Hubble has no field for, as key=value texts.
    private static IEnumerable<string> PolicyLog(FlowRecord flow, FlowRedaction redaction)
    {
        if (flow.Rule is { } rule)
        {
            if (rule.LogValue is { Length: > 0 } value)
            {
                yield return value;
            }

            yield return $"rule={rule.RulePath} at {FlowExplanation.Place(rule)}";
        }

        if (flow.Verdict is FlowVerdict.Dropped or FlowVerdict.Audit or FlowVerdict.Error)
        {
            yield return "reason=" + flow.Reason;
        }

        if (flow.Nearest is { } nearest)
        {
            yield return $"nearest={FlowExplanation.PolicyName(nearest.Rule)} {nearest.Rule.RulePath} at {FlowExplanation.Place(nearest.Rule)}: "
                + redaction.Text(nearest.Missed, flow.L7);
        }

        foreach (var selecting in flow.Selecting)
        {
            yield return $"selecting={FlowExplanation.PolicyName(selecting)} at {FlowExplanation.Place(selecting)}";
        }

        if (flow.Note.Length > 0)
        {
            yield return "note=" + redaction.Text(flow.Note, flow.L7);
        }
    }
}
