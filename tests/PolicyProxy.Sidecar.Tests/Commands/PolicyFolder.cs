namespace PolicyProxy.Sidecar.Tests.Commands;

/// <summary>A folder of policy files for one test; removed at the end.</summary>
internal sealed class PolicyFolder : IDisposable
{
    public const string Api = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: shop}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          - fromEndpoints: [{matchLabels: {app: web}}]
            toPorts:
            - ports: [{port: "8080", protocol: TCP}]
              rules:
                http:
                - method: GET
                  path: /public
                - method: GET
                  path: /private
                  headers: ["X-Token: 42"]
        """;

    public const string Worker = """
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: worker, namespace: shop}
        spec:
          endpointSelector: {matchLabels: {app: worker}}
          egress:
          - toEndpoints: [{matchLabels: {app: api}}]
            toPorts: [{ports: [{port: "8080", protocol: TCP}]}]
          - toCIDR: [203.0.113.0/24]
            toPorts: [{ports: [{port: "5432", protocol: TCP}]}]
          - toFQDNs: [{matchName: www.example.com}]
            toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [www.example.com]}]
          - toEndpoints: [{matchLabels: {"k8s:io.kubernetes.pod.namespace": kube-system, k8s-app: kube-dns}}]
            toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchName: www.example.com}]}}]
        """;

    public const string Inventory = """
        apiVersion: v1
        kind: Pod
        metadata: {name: api-0, namespace: shop, labels: {app: api, tier: back}}
        status: {podIP: 10.0.0.7}
        ---
        apiVersion: v1
        kind: Pod
        metadata: {name: web-0, namespace: shop, labels: {app: web}}
        status: {podIP: 10.0.0.8}
        ---
        apiVersion: v1
        kind: Service
        metadata: {name: api, namespace: shop}
        spec: {selector: {app: api}}
        """;

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("policyproxy-tests-");

    public string Path => _folder.FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        File.WriteAllText(path, text);
        return path;
    }

    public void Dispose() => _folder.Delete(recursive: true);
}
