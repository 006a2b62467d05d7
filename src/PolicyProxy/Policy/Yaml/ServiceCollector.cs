using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Joins Services with the addresses of their Endpoints and EndpointSlices, which may stand in other documents.</summary>
internal sealed class ServiceCollector
{
    private readonly List<KubernetesService> _services = [];
    private readonly Dictionary<(string Namespace, string Name), List<string>> _addresses = [];

    public void AddService(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var selector = root.Map("spec")?.TextDictionary("selector") ?? [];
        if (!scope.Failed)
        {
            _services.Add(new KubernetesService(root.Span, metadata.Name, metadata.Namespace ?? scope.Options.DefaultNamespace)
            {
                Labels = metadata.Labels,
                Selector = selector,
            });
        }
    }

    public void AddEndpoints(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        foreach (var subset in InventoryDecoder.Maps(root, "subsets", scope))
        {
            foreach (var address in InventoryDecoder.Maps(subset, "addresses", scope))
            {
                Add(metadata, metadata.Name, address.Text("ip")?.Value, scope);
            }
        }
    }

    public void AddEndpointSlice(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        if (!metadata.Labels.TryGetValue("kubernetes.io/service-name", out var service))
        {
            return;
        }

        foreach (var endpoint in InventoryDecoder.Maps(root, "endpoints", scope))
        {
            // An absent condition counts as ready.
            if (endpoint.Map("conditions")?.Boolean("ready") == false)
            {
                continue;
            }

            foreach (var address in endpoint.TextList("addresses") ?? [])
            {
                Add(metadata, service, address.Value, scope);
            }
        }
    }

    public IReadOnlyList<KubernetesService> Build() =>
        [.. _services.Select(s => s with { BackendAddresses = _addresses.GetValueOrDefault((s.Namespace, s.Name)) ?? [] })];

    private void Add(ObjectMetadata metadata, string service, string? address, DecodeScope scope)
    {
        if (string.IsNullOrEmpty(address) || scope.Failed)
        {
            return;
        }

        var key = (metadata.Namespace ?? scope.Options.DefaultNamespace, service);
        if (!_addresses.TryGetValue(key, out var list))
        {
            _addresses[key] = list = [];
        }

        if (!list.Contains(address))
        {
            list.Add(address);
        }
    }
}
