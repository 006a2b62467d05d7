using System.Globalization;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Yaml;

namespace PolicyProxy.Conformance;

/// <summary>The objects of a vector as the product reads them.</summary>
/// <param name="Objects">The accepted ones.</param>
/// <param name="Rejected">Indices of the texts with a rejected object, ascending.</param>
internal sealed record PolicyTexts(PolicyObjects Objects, IReadOnlyList<int> Rejected)
{
    private static readonly PolicyReadOptions Options = PolicyReadOptions.Default with { UnknownFields = UnknownFieldMode.Ignore };

    /// <summary>Reads and validates: a rejected object has no effect, the others stay in force.</summary>
    public static PolicyTexts Read(IReadOnlyList<string> texts)
    {
        var reading = PolicyYamlReader.Read(texts.Select((t, i) => (i.ToString(CultureInfo.InvariantCulture), t)), Options);
        var rejected = new SortedSet<int>(reading.Items.Where(i => i.Rejected).Select(i => TextOf(i.Span)));
        List<PolicyDiagnostic> diagnostics = [];
        var policies = reading.Objects.Policies.Where(p => Accept(PolicyValidator.Validate(p, PolicyValidationOptions.Default, diagnostics), p.Span)).ToList();
        var groups = reading.Objects.CidrGroups.Where(g => Accept(PolicyValidator.Validate(g, PolicyValidationOptions.Default, diagnostics), g.Span)).ToList();
        return new PolicyTexts(reading.Objects with { Policies = policies, CidrGroups = groups }, [.. rejected]);

        bool Accept(bool isValid, SourceSpan span)
        {
            if (!isValid)
            {
                rejected.Add(TextOf(span));
            }

            return isValid;
        }
    }

    private static int TextOf(SourceSpan span) => int.Parse(span.File, CultureInfo.InvariantCulture);
}
