using PolicyProxy.Policy.Compilation.Validation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Snapshot;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Policy.Compilation;

/// <summary>Compiles policies. Total and deterministic: never throws on user input, and the same input gives the same snapshot.</summary>
public static class PolicyCompiler
{
    /// <summary>Compiles the input. Any error means no snapshot, so that a bad file never changes what is enforced.</summary>
    public static PolicyCompilation Compile(PolicyInput input, PolicyCompilerOptions options)
    {
        ArgumentNullException.ThrowIfNull(input);
        ArgumentNullException.ThrowIfNull(options);
        return Compile(input.Objects, input.Diagnostics, options, revision: 1, dropInvalid: false);
    }

    /// <summary>
    /// As the public method. <paramref name="dropInvalid"/> leaves out objects that are refused and compiles the rest, as a cluster
    /// that turned those objects away would behave; used by the conformance vectors.
    /// </summary>
    internal static PolicyCompilation Compile(
        PolicyObjects objects,
        IReadOnlyList<PolicyDiagnostic> readDiagnostics,
        PolicyCompilerOptions options,
        ulong revision,
        bool dropInvalid)
    {
        var context = new CompilationContext(options, objects);
        context.Diagnostics.AddRange(readDiagnostics);
        foreach (var group in objects.CidrGroups)
        {
            _ = PolicyValidator.Validate(group, PolicyValidationOptions.Default, context.Diagnostics);
        }

        var rules = new List<CompiledRule>();
        var accepted = 0;
        foreach (var document in objects.Policies)
        {
            if (PolicyValidator.Validate(document, PolicyValidationOptions.Default, context.Diagnostics))
            {
                accepted++;
                rules.AddRange(document.Rules.Select(r => Compile(context, document, r)));
            }
        }

        var failed = context.Diagnostics.Any(d => d.Severity == DiagnosticSeverity.Error);
        if (failed && !dropInvalid)
        {
            return new PolicyCompilation(null, Ordered(context));
        }

        var realiser = new EndpointRealiser(rules, options);
        var snapshot = new PolicySnapshot(revision, rules, accepted, context.Scope, realiser.Realise)
        {
            Secrets = [.. objects.Secrets.Select(static secret => new TlsSecretItems(secret.Namespace, secret.Name, secret.Data))],
        };
        return CheckSubjects(context, snapshot, options) || dropInvalid
            ? new PolicyCompilation(snapshot, Ordered(context))
            : new PolicyCompilation(null, Ordered(context));
    }

    private static CompiledRule Compile(CompilationContext context, PolicyDocument document, PolicyRule rule)
    {
        var entries = new EntryCompiler(context, document, rule);
        var before = context.Diagnostics.Count;
        var ingress = Direction(entries, rule.Ingress, rule.IngressDeny, rule.DefaultDenyIngress);
        var egress = Direction(entries, rule.Egress, rule.EgressDeny, rule.DefaultDenyEgress);
        return new CompiledRule
        {
            Origin = CompilationContext.Origin(document, rule, rule.Path, rule.Span),
            Subject = SelectorCompiler.Subject((rule.EndpointSelector ?? rule.NodeSelector)!, document, rule.SelectorsAreScoped),
            Namespace = document.Namespace,
            SelectsNodes = rule.NodeSelector is not null,
            Audit = document.Audit,
            Ingress = ingress,
            Egress = egress,
            Error = context.Diagnostics.Skip(before).FirstOrDefault(d => d.Severity == DiagnosticSeverity.Error)?.Message ?? string.Empty,
        };
    }

    private static CompiledDirection Direction(EntryCompiler entries, IReadOnlyList<DirectionRule> allow, IReadOnlyList<DirectionRule> deny, bool? defaultDeny)
    {
        CompiledDirectionRule[] rules = [.. allow.Select(r => entries.Compile(r, deny: false)), .. deny.Select(r => entries.Compile(r, deny: true))];
        return new CompiledDirection(rules, defaultDeny ?? rules.Length > 0);
    }

    private static bool CheckSubjects(CompilationContext context, PolicySnapshot snapshot, PolicyCompilerOptions options)
    {
        var table = new IdentityTable(options.ClusterName);
        table.Adopt(context.Scope, context.Objects);
        var ok = true;
        foreach (var labels in options.Subjects)
        {
            var policy = snapshot.For(table.GetWorkload(labels));
            if (policy is { Error: { Length: > 0 } error, ErrorOrigin: { } origin })
            {
                ok = false;
                var span = new SourceSpan(origin.File, origin.Line, origin.Column);
                context.Report(RealisationIds.Conflict, DiagnosticSeverity.Error, span, $"the policies of subject {labels} contradict each other: {error}", "make the rules agree or give them different peers or ports");
            }
        }

        return ok;
    }

    private static PolicyDiagnostic[] Ordered(CompilationContext context) =>
        [.. context.Diagnostics
            .OrderBy(d => d.File, StringComparer.Ordinal)
            .ThenBy(d => d.Line)
            .ThenBy(d => d.Column)
            .ThenBy(d => d.Id, StringComparer.Ordinal)];
}
