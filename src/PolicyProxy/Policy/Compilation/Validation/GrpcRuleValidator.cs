using System.Buffers;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Compilation.Validation;

/// <summary>Validates gRPC rules, an extension of the policyproxy.dev kinds. Names are exact or carry one <c>*</c> at one end.</summary>
internal static class GrpcRuleValidator
{
    private static readonly SearchValues<char> s_nameCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    private static readonly SearchValues<char> s_metadataCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789_-.");

    public static void Validate(GrpcRule rule, ValidationScope scope)
    {
        if (rule.Service is { } service && !IsPattern(service.Value, allowDots: true))
        {
            Error(service, $"gRPC service \"{service.Value}\" is not valid", "write the full name, for example shop.v1.Orders, or one * at its start or end", scope);
        }

        if (rule.Method is { } method && !IsPattern(method.Value, allowDots: false))
        {
            Error(method, $"gRPC method \"{method.Value}\" is not valid", "write the method's name, for example GetOrder, or one * at its start or end", scope);
        }

        foreach (var entry in rule.Metadata)
        {
            // gRPC over HTTP/2: keys are lower case and "grpc-" is reserved.
            if (entry.Key.Value.Length == 0 || entry.Key.Value.AsSpan().ContainsAnyExcept(s_metadataCharacters) ||
                entry.Key.Value.StartsWith("grpc-", StringComparison.Ordinal))
            {
                Error(entry.Key, $"gRPC metadata key \"{entry.Key.Value}\" is not valid", "use lower-case letters, digits, '-', '_' and '.'; keys beginning with grpc- are reserved", scope);
            }
        }
    }

    private static bool IsPattern(string text, bool allowDots)
    {
        var name = text.AsSpan();
        name = name.StartsWith('*') ? name[1..] : name.EndsWith('*') ? name[..^1] : name;
        if (name.IsEmpty)
        {
            return text == "*";
        }

        if (!allowDots)
        {
            return !name.ContainsAnyExcept(s_nameCharacters);
        }

        // A dot may touch the star ("shop.*"), but labels inside are never empty.
        var inner = text.StartsWith('*') && name.StartsWith('.') ? name[1..] : text.EndsWith('*') && name.EndsWith('.') ? name[..^1] : name;
        foreach (var range in inner.Split('.'))
        {
            var label = inner[range];
            if (label.IsEmpty || label.ContainsAnyExcept(s_nameCharacters))
            {
                return false;
            }
        }

        return true;
    }

    private static void Error(Located<string> place, string message, string fix, ValidationScope scope) =>
        scope.Error(PolicyDiagnosticIds.GrpcRule, place.Span, message, fix);
}
