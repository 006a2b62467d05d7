using System.Globalization;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Decodes the objects rules refer to. Only the fields of interest are looked at; the many others are not checked.</summary>
internal static class InventoryDecoder
{
    /// <summary>Annotation that places a pod of the inventory in another cluster.</summary>
    private const string ClusterAnnotation = "policyproxy.dev/cluster";

    public static CidrGroup CidrGroup(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var spec = root.Map("spec");
        var group = new CidrGroup(root.Span, metadata.Name) { Labels = metadata.Labels, ExternalCidrs = spec?.TextList("externalCIDRs") ?? [] };
        if (spec is null || spec.Find("externalCIDRs") is null)
        {
            scope.Error(PolicyDiagnosticIds.MissingField, root.Span, "spec.externalCIDRs is missing", "list the prefixes; [] is allowed");
        }

        spec?.Close();
        root.Ignore("status");
        root.Close();
        return group;
    }

    public static InventoryPod Pod(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var spec = root.Map("spec");
        var status = root.Map("status");
        var ports = new List<NamedPort>();
        foreach (var container in Maps(spec, "containers", scope))
        {
            foreach (var port in Maps(container, "ports", scope))
            {
                AddPort(ports, port);
            }
        }

        return new InventoryPod(root.Span, metadata.Name, metadata.Namespace ?? scope.Options.DefaultNamespace)
        {
            Labels = metadata.Labels,
            ServiceAccount = (spec?.Text("serviceAccountName") ?? spec?.Text("serviceAccount"))?.Value,
            Addresses = OwnAddresses(spec, status, scope),
            Cluster = metadata.Annotations.GetValueOrDefault(ClusterAnnotation),
            NamedPorts = ports,
        };
    }

    public static InventoryNamespace Namespace(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        return new InventoryNamespace(root.Span, metadata.Name) { Labels = metadata.Labels };
    }

    public static InventoryNode Node(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var addresses = new List<string>();
        foreach (var address in Maps(root.Map("status"), "addresses", scope))
        {
            if (address.Text("type")?.Value is "InternalIP" or "ExternalIP" && address.Text("address") is { } text)
            {
                addresses.Add(text.Value);
            }
        }

        return new InventoryNode(root.Span, metadata.Name, addresses) { Labels = metadata.Labels };
    }

    public static SecretObject Secret(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        var data = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var entry in root.TextMap("data"))
        {
            try
            {
                data[entry.Key.Value] = Convert.FromBase64String(entry.Value.Value);
            }
            catch (FormatException)
            {
                // The value is a secret: name the key, never the text.
                scope.Error(PolicyDiagnosticIds.InvalidEncoding, entry.Value.Span, $"data[{entry.Key.Value}] is not base64", "encode the value, or use stringData for plain text");
            }
        }

        foreach (var entry in root.TextMap("stringData"))
        {
            data[entry.Key.Value] = System.Text.Encoding.UTF8.GetBytes(entry.Value.Value);
        }

        return new SecretObject(root.Span, metadata.Name, metadata.Namespace ?? scope.Options.DefaultNamespace, data);
    }

    public static InventoryIdentity Identity(FieldReader root, DecodeScope scope)
    {
        var metadata = ObjectMetadata.Decode(root, scope);
        if (!uint.TryParse(metadata.Name, NumberStyles.None, CultureInfo.InvariantCulture, out var number))
        {
            scope.Error(PolicyDiagnosticIds.NumberOutOfRange, root.Span, "the name of a CiliumIdentity is its number", "copy the object from the cluster as it is");
        }

        return new InventoryIdentity(root.Span, number, root.TextDictionary("security-labels"));
    }

    /// <summary>The elements of a list of mappings; nothing when the parent or the list is absent.</summary>
    public static IEnumerable<FieldReader> Maps(FieldReader? parent, string name, DecodeScope scope)
    {
        var index = 0;
        foreach (var element in parent?.Elements(name) ?? [])
        {
            if (FieldReader.Open(element, $"{parent!.Child(name)}[{index++}]", scope) is { } fields)
            {
                yield return fields;
            }
        }
    }

    /// <summary>Pods on the host network have the node's address, finished pods none: neither address may be taken for the pod.</summary>
    private static List<string> OwnAddresses(FieldReader? spec, FieldReader? status, DecodeScope scope)
    {
        var addresses = new List<string>();
        if (spec?.Boolean("hostNetwork") == true || status?.Text("phase")?.Value is "Succeeded" or "Failed")
        {
            return addresses;
        }

        if (status?.Text("podIP") is { Value.Length: > 0 } main)
        {
            addresses.Add(main.Value);
        }

        foreach (var element in Maps(status, "podIPs", scope))
        {
            if (element.Text("ip") is { Value.Length: > 0 } ip && !addresses.Contains(ip.Value))
            {
                addresses.Add(ip.Value);
            }
        }

        return addresses;
    }

    private static void AddPort(List<NamedPort> ports, FieldReader port)
    {
        var name = port.Text("name")?.Value;
        var number = port.Int32("containerPort");
        var protocol = port.Text("protocol")?.Value;
        if (!string.IsNullOrEmpty(name) && number is > 0 and <= ushort.MaxValue)
        {
            ports.Add(new NamedPort(name, (ushort)number.Value, string.IsNullOrEmpty(protocol) ? "TCP" : protocol));
        }
    }
}
