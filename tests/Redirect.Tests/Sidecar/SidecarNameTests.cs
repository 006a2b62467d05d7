using PolicyProxy.Redirect.Tests.Run.Names;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Names under <c>sidecar --transparent</c>, with the dns rule that policies in a cluster have.</summary>
[Collection(SidecarCollection.Name)]
public sealed class SidecarNameTests(NamedWorld world) : IClassFixture<NamedWorld>
{
    private const string Curl = "curl -s -m 20 -o /dev/null -w '%{http_code} %{exitcode}\\n'";

    [Theory]
    [InlineData("cilium", "200 0", "200 0")]
    [InlineData("strict", "000 35", "403 0")]
    public async Task Workload_reaches_allowed_names_and_by_the_binding_what_else_is_there(string binding, string tls, string plain)
    {
        var policy = Policies.Egress($$$"""
            - toCIDR: ["{{{world.Network.V4(2)}}}/32"]
              toPorts: [{ports: [{port: "53", protocol: ANY}], rules: {dns: [{matchName: good.test}]}}]
            - toFQDNs: [{matchName: good.test}]
              toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "443", protocol: TCP}]}]
            """);
        await using var sidecar = await RunningSidecar.StartAsync(policy, where: null, "--fqdn-binding", binding);

        var output = await sidecar.RunAsync(
        [
            "unshare", .. world.Inside(), "sh", "-c",
            $"""
            {Curl} http://{world.Network.V4(4)}/
            {Curl} -4 https://good.test/
            {Curl} -4 http://good.test/
            {Curl} -4 http://evil.test/
            {Curl} --resolve evil.test:443:{world.Network.V4(4)} https://evil.test/
            {Curl} --resolve evil.test:80:{world.Network.V4(4)} http://evil.test/
            dig -r +tcp +tries=1 +timeout=20 +short good.test A
            dig -r +tries=1 +timeout=20 evil.test A | grep -o 'status: [A-Z]*'
            """,
        ]);

        Assert.Equal($"000 7\n200 0\n200 0\n000 6\n{tls}\n{plain}\n{world.Network.V4(4)}\nstatus: REFUSED", output);
    }
}
