using System.Text.Json.Nodes;

namespace PolicyProxy.TestKit.Http;

/// <summary>Kubernetes objects as text. JSON is YAML, so values need no quoting rules.</summary>
internal static class Yaml
{
    /// <summary>A Pod with an address.</summary>
    public static string Pod(string name, string ns, IReadOnlyDictionary<string, string> labels, string address, string? serviceAccount = null) =>
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Pod",
            ["metadata"] = new JsonObject { ["name"] = name, ["namespace"] = ns, ["labels"] = Map(labels) },
            ["spec"] = serviceAccount is null ? new JsonObject() : new JsonObject { ["serviceAccountName"] = serviceAccount },
            ["status"] = new JsonObject { ["podIP"] = address },
        }.ToJsonString();

    /// <summary>A Namespace with labels.</summary>
    public static string Namespace(string name, IReadOnlyDictionary<string, string> labels) =>
        new JsonObject
        {
            ["apiVersion"] = "v1",
            ["kind"] = "Namespace",
            ["metadata"] = new JsonObject { ["name"] = name, ["labels"] = Map(labels) },
        }.ToJsonString();

    /// <summary>Several documents as one text.</summary>
    public static string Join(params IEnumerable<string> documents) => string.Join("\n---\n", documents);

    /// <summary><c>a=1,b=2</c> as a map.</summary>
    public static IReadOnlyDictionary<string, string> Labels(string text) =>
        text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(static item => item.Split('=', 2)).ToDictionary(static item => item[0], static item => item[1]);

    private static JsonObject Map(IReadOnlyDictionary<string, string> labels) =>
        new(labels.Select(static label => KeyValuePair.Create(label.Key, (JsonNode?)label.Value)));
}
