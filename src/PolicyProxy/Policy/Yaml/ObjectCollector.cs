using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Yaml;

/// <summary>Tells documents apart by kind, decodes them and collects the results of one reading.</summary>
internal sealed class ObjectCollector(PolicyReadOptions options, List<PolicyDiagnostic> diagnostics)
{
    private readonly List<PolicyDocument> _policies = [];
    private readonly List<CidrGroup> _cidrGroups = [];
    private readonly List<InventoryPod> _pods = [];
    private readonly List<InventoryNamespace> _namespaces = [];
    private readonly List<InventoryNode> _nodes = [];
    private readonly List<SecretObject> _secrets = [];
    private readonly List<InventoryIdentity> _identities = [];
    private readonly ServiceCollector _services = new();
    private readonly List<ReadItem> _items = [];
    private readonly Dictionary<(string Kind, string Namespace, string Name), SourceSpan> _names = [];

    public IReadOnlyList<ReadItem> Items => _items;

    public void Add(YamlDocument document)
    {
        if (document.Root is not { } root)
        {
            _items.Add(new ReadItem(_items.Count, document.Span, "", "", Rejected: true));
        }
        else if (root.Kind != YamlValueKind.Null)
        {
            AddObject(root, "", "");
        }
    }

    public PolicyObjects Build() => new()
    {
        Policies = _policies,
        CidrGroups = _cidrGroups,
        Services = _services.Build(),
        Pods = _pods,
        Namespaces = _namespaces,
        Nodes = _nodes,
        Secrets = _secrets,
        Identities = _identities,
    };

    private void AddObject(YamlValue value, string listVersion, string listKind)
    {
        var scope = new DecodeScope(options, diagnostics);
        if (FieldReader.Open(value, "", scope) is not { } root)
        {
            _items.Add(new ReadItem(_items.Count, value.Span, "", "", Rejected: true));
            return;
        }

        // Items of a typed list (CiliumNetworkPolicyList) may leave both out.
        var apiVersion = root.Text("apiVersion")?.Value ?? listVersion;
        var kind = root.Text("kind")?.Value ?? listKind;
        if (kind.EndsWith("List", StringComparison.Ordinal) && root.Find("items") is { Kind: YamlValueKind.List } items)
        {
            AddItems(items, kind == "List" ? "" : apiVersion, kind[..^4], scope);
            return;
        }

        AddRecognised(root, apiVersion, kind, scope);
    }

    private void AddItems(YamlValue items, string apiVersion, string kind, DecodeScope scope)
    {
        if (scope.Failed)
        {
            _items.Add(new ReadItem(_items.Count, items.Span, kind, "", Rejected: true));
        }

        foreach (var item in items.Items)
        {
            AddObject(item, apiVersion, kind);
        }
    }

    private void AddRecognised(FieldReader root, string apiVersion, string kind, DecodeScope scope)
    {
        var index = _items.Count;
        var name = root.Find("metadata")?.Find("name") is { Kind: YamlValueKind.Text } text ? text.Text : "";
        if (!scope.Failed && (apiVersion.Length == 0 || kind.Length == 0))
        {
            scope.Error(
                PolicyDiagnosticIds.MissingField, root.Span, $"{(kind.Length == 0 ? "kind" : "apiVersion")} is missing", "start the object with apiVersion and kind");
        }

        if (!scope.Failed)
        {
            var (meaning, policyKind) = ObjectKinds.Recognise(apiVersion, kind);
            scope.AllowsExtensions = policyKind is PolicyKind.L7NetworkPolicy or PolicyKind.L7ClusterwideNetworkPolicy;
            CheckUnique(root, kind, name, meaning, scope);
            Decode(root, (apiVersion, kind), meaning, policyKind, scope);
        }

        _items.Add(new ReadItem(index, root.Span, kind, name, scope.Failed));
    }

    private void Decode(FieldReader root, (string Version, string Kind) type, ObjectKind meaning, PolicyKind policyKind, DecodeScope scope)
    {
        switch (meaning)
        {
            case ObjectKind.Policy:
                Keep(_policies, PolicyDecoder.Decode(root, policyKind, _items.Count, scope), scope);
                break;
            case ObjectKind.CidrGroup:
                Keep(_cidrGroups, InventoryDecoder.CidrGroup(root, scope), scope);
                break;
            case ObjectKind.Pod:
                Keep(_pods, InventoryDecoder.Pod(root, scope), scope);
                break;
            case ObjectKind.Namespace:
                Keep(_namespaces, InventoryDecoder.Namespace(root, scope), scope);
                break;
            case ObjectKind.Node:
                Keep(_nodes, InventoryDecoder.Node(root, scope), scope);
                break;
            case ObjectKind.Secret:
                Keep(_secrets, InventoryDecoder.Secret(root, scope), scope);
                break;
            case ObjectKind.Identity:
                Keep(_identities, InventoryDecoder.Identity(root, scope), scope);
                break;
            case ObjectKind.Service:
                _services.AddService(root, scope);
                break;
            case ObjectKind.Endpoints:
                _services.AddEndpoints(root, scope);
                break;
            case ObjectKind.EndpointSlice:
                _services.AddEndpointSlice(root, scope);
                break;
            case ObjectKind.Unknown:
                scope.Error(
                    PolicyDiagnosticIds.UnknownKind, root.Span, $"unknown kind {type.Kind} of {type.Version}", ObjectKinds.Suggest(type.Version, type.Kind));
                break;
            default:
                scope.Warning(PolicyDiagnosticIds.KindNotUsed, root.Span, $"kind {type.Kind} of {type.Version} is not used; the object is skipped");
                break;
        }
    }

    private void CheckUnique(FieldReader root, string kind, string name, ObjectKind meaning, DecodeScope scope)
    {
        if (name.Length == 0 || meaning is ObjectKind.NotUsed or ObjectKind.Unknown)
        {
            return;
        }

        var ns = root.Find("metadata")?.Find("namespace")?.Text ?? options.DefaultNamespace;
        var clusterwide = kind.Contains("Clusterwide", StringComparison.Ordinal) || meaning is ObjectKind.CidrGroup or ObjectKind.Namespace or ObjectKind.Node or ObjectKind.Identity;
        if (!_names.TryAdd((kind, clusterwide ? "" : ns, name), root.Span))
        {
            var first = _names[(kind, clusterwide ? "" : ns, name)];
            scope.Error(PolicyDiagnosticIds.DuplicateObject, root.Span, $"{kind} \"{name}\" is already given at {first}", "rename or remove one of the two");
        }
    }

    private static void Keep<T>(List<T> list, T item, DecodeScope scope)
    {
        if (!scope.Failed)
        {
            list.Add(item);
        }
    }
}
