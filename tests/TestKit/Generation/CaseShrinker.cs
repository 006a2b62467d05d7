using System.Text.Json.Nodes;
using PolicyProxy.Policy.Compilation;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Makes a failing case small: drops policies, then elements and members of them, as long as it still fails.</summary>
internal sealed class CaseShrinker(Func<GeneratedCase, bool> fails)
{
    public GeneratedCase Shrink(GeneratedCase failing)
    {
        var smallest = failing;
        var found = true;
        while (found)
        {
            found = false;
            foreach (var smaller in Smaller(smallest))
            {
                if (fails(smaller))
                {
                    smallest = smaller;
                    found = true;
                    break;
                }
            }
        }

        return smallest;
    }

    private static IEnumerable<GeneratedCase> Smaller(GeneratedCase current)
    {
        if (current.Options != new PolicyCompilerOptions())
        {
            yield return current with { Options = new PolicyCompilerOptions() };
        }

        for (var i = 0; i < current.Policies.Count; i++)
        {
            var others = current.Policies.ToList();
            others.RemoveAt(i);
            yield return current with { Policies = others };
        }

        for (var i = 0; i < current.Policies.Count; i++)
        {
            foreach (var path in Removable(current.Policies[i], []))
            {
                var copy = current.Policies[i].DeepClone().AsObject();
                Remove(copy, path);
                var changed = current.Policies.ToList();
                changed[i] = copy;
                yield return current with { Policies = changed };
            }
        }
    }

    /// <summary>Paths of everything that could be left out, outer parts first.</summary>
    private static IEnumerable<List<object>> Removable(JsonNode node, List<object> path)
    {
        var children = node switch
        {
            JsonObject map => map.Where(m => m.Key is not ("apiVersion" or "kind" or "metadata")).Select(m => ((object)m.Key, m.Value)),
            JsonArray list => list.Select((n, i) => ((object)i, n)),
            _ => [],
        };
        foreach (var (key, child) in children.ToList())
        {
            List<object> childPath = [.. path, key];
            yield return childPath;
            if (child is not null)
            {
                foreach (var inner in Removable(child, childPath))
                {
                    yield return inner;
                }
            }
        }
    }

    private static void Remove(JsonNode root, List<object> path)
    {
        var node = root;
        foreach (var step in path[..^1])
        {
            node = step is string name ? node[name]! : node[(int)step]!;
        }

        if (path[^1] is string last)
        {
            node.AsObject().Remove(last);
        }
        else
        {
            node.AsArray().RemoveAt((int)path[^1]);
        }
    }
}
