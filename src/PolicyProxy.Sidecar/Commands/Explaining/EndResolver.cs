using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>
/// Turns what the user typed for a subject or a peer into an identity: labels, an address, an entity, a pod or service of the
/// inventory, or (for destinations) a DNS name. Not thread-safe; assumptions are collected for the answer.
/// </summary>
internal sealed class EndResolver(PolicyEngine engine, PolicyObjects objects, string? defaultNamespace)
{
    // RFC 5737: an address for documentation, so it can be nobody's pod, node or CIDR of a real policy.
    private static readonly IPAddress s_nameAddress = IPAddress.Parse("192.0.2.53");

    private static readonly string[] s_entities =
    [
        ReservedLabels.World, ReservedLabels.Host, ReservedLabels.RemoteNode, ReservedLabels.KubeApiServer,
        ReservedLabels.Init, ReservedLabels.Ingress, ReservedLabels.Health, ReservedLabels.Unmanaged,
    ];

    private readonly List<string> _assumptions = [];

    /// <summary>What was filled in for the user, one sentence each.</summary>
    public IReadOnlyList<string> Assumptions => _assumptions;

    public void Assume(string text)
    {
        if (!_assumptions.Contains(text, StringComparer.Ordinal))
        {
            _assumptions.Add(text);
        }
    }

    /// <summary>Resolves a subject or a source.</summary>
    public ExplainEnd Source(string text) =>
        TryLabels(text) ?? TryAddress(text) ?? TryEntity(text) ?? TryPod(text) ?? throw Unknown(text, string.Empty);

    /// <summary>Resolves a destination, which may also be a service or a DNS name.</summary>
    public ExplainEnd Destination(string text) =>
        TryLabels(text) ?? TryAddress(text) ?? TryEntity(text) ?? TryPod(text) ?? TryService(text) ?? TryName(text)
        ?? throw Unknown(text, ", a service or a DNS name");

    /// <summary>The workload with these labels, in the default namespace unless they name one.</summary>
    public ExplainEnd Workload(LabelSet labels)
    {
        if (PodWith(labels) is { } pod)
        {
            var end = Pod(pod);
            if (end.Identity.Labels.Labels.Count(l => l.Source == Label.KubernetesSource) > labels.Labels.Count)
            {
                Assume($"{labels.Text.Replace("k8s:", string.Empty, StringComparison.Ordinal)} is pod {pod.Namespace}/{pod.Name} of the inventory, with all its labels");
            }

            return end with { Address = null };
        }

        var scoped = labels;
        if (labels.Find(Label.KubernetesSource, ReservedLabels.NamespaceKey) is null && defaultNamespace is not null)
        {
            scoped = new LabelSet(labels.Labels.Append(new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, defaultNamespace)));
        }

        var identity = engine.Identities.GetWorkload(scoped);
        return new ExplainEnd(Short(identity), identity) { IsWorkload = true };
    }

    private ExplainEnd? TryLabels(string text)
    {
        if (text.StartsWith("reserved:", StringComparison.Ordinal))
        {
            return TryEntity(text["reserved:".Length..].TrimEnd('='));
        }

        return text.Contains('=', StringComparison.Ordinal) ? Workload(LabelSet.Parse(text)) : null;
    }

    private ExplainEnd? TryAddress(string text)
    {
        if (!IPAddress.TryParse(text, out var address))
        {
            return null;
        }

        var pod = objects.Pods.FirstOrDefault(p => p.Addresses.Contains(text, StringComparer.Ordinal));
        var identity = engine.Identities.Resolve(address);
        var name = pod is null ? text : $"{text} (pod {pod.Namespace}/{pod.Name})";
        return new ExplainEnd(name, identity) { Address = address, IsWorkload = pod is not null };
    }

    private ExplainEnd? TryEntity(string text)
    {
        if (text is "all" or "cluster")
        {
            throw new CommandFailureException($"the entity \"{text}\" stands for many peers: name one of {string.Join(", ", s_entities)}, or give labels");
        }

        if (!s_entities.Contains(text, StringComparer.Ordinal))
        {
            return null;
        }

        Label[] labels = text == ReservedLabels.KubeApiServer
            ? [Reserved(text), Reserved(ReservedLabels.RemoteNode)] // an API server runs on another node unless told otherwise
            : [Reserved(text)];
        return new ExplainEnd(text, engine.Identities.Get(new LabelSet(labels)));
    }

    private ExplainEnd? TryPod(string text)
    {
        var slash = text.IndexOf('/', StringComparison.Ordinal);
        var pods = slash < 0
            ? objects.Pods.Where(p => p.Name == text).ToList()
            : objects.Pods.Where(p => p.Namespace == text[..slash] && p.Name == text[(slash + 1)..]).ToList();
        return pods.Count switch
        {
            0 => null,
            1 => Pod(pods[0]),
            _ => throw new CommandFailureException($"there are {pods.Count} pods called \"{text}\": write namespace/name"),
        };
    }

    private ExplainEnd? TryService(string text)
    {
        // name, name.namespace, name.namespace.svc, name.namespace.svc.cluster.local
        var parts = text.Split('.');
        if (parts.Length > 2 && parts[2] != "svc")
        {
            return null;
        }

        var ns = parts.Length > 1 ? parts[1] : defaultNamespace;
        var service = objects.Services.FirstOrDefault(s => s.Name == parts[0] && (ns is null || s.Namespace == ns));
        if (service is null)
        {
            return null;
        }

        var backend = objects.Pods.FirstOrDefault(p => p.Namespace == service.Namespace && service.Selector.Count > 0 && HasLabels(p, service.Selector))
            ?? throw new CommandFailureException($"service {service.Namespace}/{service.Name} selects no pod of the inventory: give --to the labels of its pods");
        Assume($"{text} is service {service.Namespace}/{service.Name}, answered by pod {backend.Name}");
        return Pod(backend);
    }

    private ExplainEnd? TryName(string text)
    {
        if (!text.Contains('.', StringComparison.Ordinal) || text.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('.' or '-' or '_')))
        {
            return null;
        }

        engine.Identities.Learn(text, s_nameAddress, DateTimeOffset.MaxValue);
        Assume($"{text} was looked up before through an allowed DNS rule, and its address is outside the cluster");
        return new ExplainEnd(text, engine.Identities.Resolve(s_nameAddress)) { Address = s_nameAddress };
    }

    private ExplainEnd Pod(InventoryPod pod)
    {
        var name = $"pod {pod.Namespace}/{pod.Name}";
        if (pod.Addresses is [var first, ..] && IPAddress.TryParse(first, out var address))
        {
            return new ExplainEnd(name, engine.Identities.Resolve(address)) { Address = address, IsWorkload = true };
        }

        var labels = pod.Labels.Select(l => new Label(Label.KubernetesSource, l.Key, l.Value))
            .Append(new Label(Label.KubernetesSource, ReservedLabels.NamespaceKey, pod.Namespace));
        return new ExplainEnd(name, engine.Identities.GetWorkload(new LabelSet(labels))) { IsWorkload = true };
    }

    private InventoryPod? PodWith(LabelSet labels)
    {
        var ns = labels.Find(Label.KubernetesSource, ReservedLabels.NamespaceKey) ?? defaultNamespace;
        var wanted = labels.Labels
            .Where(l => l.Key != ReservedLabels.NamespaceKey)
            .ToDictionary(l => l.Key, l => l.Value, StringComparer.Ordinal);
        return objects.Pods.FirstOrDefault(p => (ns is null || p.Namespace == ns) && HasLabels(p, wanted));
    }

    private static bool HasLabels(InventoryPod pod, IReadOnlyDictionary<string, string> wanted) =>
        wanted.All(w => pod.Labels.TryGetValue(w.Key, out var value) && value == w.Value);

    private static Label Reserved(string name) => new(Label.ReservedSource, name, string.Empty);

    // Without what every workload has: people recognise the labels they typed.
    private static string Short(Identity identity) => string.Join(',', identity.Labels.Labels
        .Where(l => l.Key != ReservedLabels.ClusterKey && !l.Key.StartsWith(ReservedLabels.NamespaceLabelPrefix, StringComparison.Ordinal))
        .Select(l => l.Key == ReservedLabels.NamespaceKey ? $"namespace={l.Value}" : l.ToString().Replace("k8s:", string.Empty, StringComparison.Ordinal)));

    private static CommandFailureException Unknown(string text, string more) => new(
        $"\"{text}\" is neither labels (app=web), an address, an entity ({string.Join(", ", s_entities)}) nor a pod of the inventory{more}");
}
