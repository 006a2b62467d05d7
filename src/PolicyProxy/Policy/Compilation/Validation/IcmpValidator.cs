using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates elements of <c>icmps</c> (semantics 1.11).</summary>
internal static class IcmpValidator
{
    private const int MaxFields = 40;

    public static void Validate(IcmpRule rule, string path, ValidationScope scope)
    {
        if (rule.Fields.Count > MaxFields)
        {
            scope.Error(PolicyDiagnosticIds.TooManyIcmpFields, rule.Span, $"{path}.icmps has {rule.Fields.Count} fields in one element, at most {MaxFields} are allowed", "split the element");
        }

        foreach (var field in rule.Fields)
        {
            ValidateField(field, scope);
        }
    }

    private static void ValidateField(IcmpField field, ValidationScope scope)
    {
        if (!IcmpTypes.TryParseFamily(field.Family.Value, out var isIPv6))
        {
            scope.Error(PolicyDiagnosticIds.IcmpFamily, field.Family.Span, $"ICMP family \"{field.Family.Value}\" is unknown", "use IPv4 or IPv6");
            return;
        }

        if (!IcmpTypes.TryParse(field.Type.Value, isIPv6, out var type))
        {
            scope.Error(
                PolicyDiagnosticIds.IcmpType,
                field.Type.Span,
                $"\"{field.Type.Value}\" is not an ICMP{(isIPv6 ? "v6" : "")} type",
                "use a number from 0 to 255 or a name such as EchoRequest");
        }
        else if (type == 0 && !isIPv6)
        {
            scope.Warning(
                PolicyDiagnosticIds.IcmpTypeZero, field.Type.Span, "ICMP type 0 covers every ICMPv4 type, as in Cilium", "echo replies need no rule; allow EchoRequest instead");
        }
    }
}
