using PolicyProxy.Gate;

namespace PolicyProxy.Policy.Snapshot;

/// <summary>Merges two policies of the same selector and port key (semantics 4.5). A conflict is an error of the whole subject.</summary>
internal static class SelectorPolicyMerge
{
    public static bool TryMerge(SelectorPolicy existing, SelectorPolicy added, out SelectorPolicy merged, out string error)
    {
        error = string.Empty;
        if (existing.Deny || added.Deny)
        {
            merged = existing.Deny && !added.Deny ? existing : !existing.Deny ? added : existing with { Origins = Union(existing.Origins, added.Origins) };
            return true;
        }

        merged = existing;
        if (!TryMergeParsers(existing.Parser, added.Parser, out var parser))
        {
            error = $"rules for {Name(existing.Parser)} and {Name(added.Parser)} meet on the same peers and port";
            return false;
        }

        if (Conflicts(existing.Terminating, added.Terminating) || Conflicts(existing.Originating, added.Originating))
        {
            error = "different TLS contexts meet on the same peers and port";
            return false;
        }

        if (Conflicts(existing.Authentication, added.Authentication))
        {
            error = "different authentication modes meet on the same peers and port";
            return false;
        }

        if (!TryMergeListeners(existing.Listener, added.Listener, out var listener))
        {
            error = "different listeners of the same priority meet on the same peers and port";
            return false;
        }

        var l7 = MergeL7(existing, added);
        merged = l7 with
        {
            Parser = parser,
            ServerNames = [.. existing.ServerNames.Concat(added.ServerNames).DistinctBy(s => s.Pattern.Text)],
            Terminating = existing.Terminating ?? added.Terminating,
            Originating = existing.Originating ?? added.Originating,
            Authentication = existing.Authentication ?? added.Authentication,
            Listener = listener,
            Origins = Union(existing.Origins, added.Origins),
        };
        if (merged.ServerNames.Count > 0 && merged.HasL7 && merged.Terminating is null)
        {
            error = "serverNames meet L7 rules on the same peers and port without terminatingTLS";
            return false;
        }

        return true;
    }

    /// <summary>The policy with a match-all rule behind its L7 rules, which keeps it inspected but lets everything pass (semantics 3.3).</summary>
    public static SelectorPolicy AppendMatchAll(SelectorPolicy policy, RuleOrigin origin) => policy with
    {
        Http = policy.Http.Count == 0 ? policy.Http : [.. policy.Http, HttpMatchRule.MatchAll(origin)],
        Dns = policy.Dns.Count == 0 ? policy.Dns : [.. policy.Dns, DnsMatchRule.MatchAll(origin)],
        Kafka = policy.Kafka.Count == 0 ? policy.Kafka : [.. policy.Kafka, KafkaMatchRule.MatchAll(origin)],
    };

    private static SelectorPolicy MergeL7(SelectorPolicy existing, SelectorPolicy added)
    {
        if (existing.HasL7 && !added.HasL7)
        {
            return AppendMatchAll(existing, added.Origins[0]);
        }

        if (!existing.HasL7 && added.HasL7)
        {
            return AppendMatchAll(added, existing.Origins[0]);
        }

        return existing with
        {
            Http = [.. existing.Http.Concat(added.Http).DistinctBy(r => r.Text)],
            Dns = [.. existing.Dns.Concat(added.Dns).DistinctBy(r => r.Text)],
            Kafka = [.. existing.Kafka.Concat(added.Kafka).DistinctBy(r => r.Text)],
        };
    }

    private static bool TryMergeParsers(L7Kind a, L7Kind b, out L7Kind merged)
    {
        merged = a == L7Kind.None ? b : a;
        if (a == b || a == L7Kind.None || b == L7Kind.None)
        {
            return true;
        }

        merged = L7Kind.Http;
        return (a, b) is (L7Kind.Tls, L7Kind.Http) or (L7Kind.Http, L7Kind.Tls);
    }

    private static bool TryMergeListeners(ListenerReference? a, ListenerReference? b, out ListenerReference? merged)
    {
        merged = a ?? b;
        if (a is null || b is null || a == b)
        {
            return true;
        }

        merged = Effective(a) <= Effective(b) ? a : b;
        return Effective(a) != Effective(b);

        static int Effective(ListenerReference listener) => listener.Priority == 0 ? int.MaxValue : listener.Priority;
    }

    private static bool Conflicts<T>(T? a, T? b) => a is not null && b is not null && !EqualityComparer<T>.Default.Equals(a, b);

    private static RuleOrigin[] Union(IReadOnlyList<RuleOrigin> a, IReadOnlyList<RuleOrigin> b) => [.. a.Concat(b).Distinct()];

    private static string Name(L7Kind kind) => kind == L7Kind.Listener ? "a custom listener" : kind.ToString().ToUpperInvariant();
}
