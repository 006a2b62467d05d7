using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Certificates;
using PolicyProxy.TestKit.Dns;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run.Decrypting;

/// <summary>
/// A network with unbound on host 2 and web servers on port 443 of every host, whose certificates are from an authority that this machine does not
/// know. <c>api.test</c>, <c>front.test</c> and <c>through.test</c> share host 4. Shared by the tests of one class.
/// </summary>
public sealed class DecryptedWorld : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly X509Certificate2 _authority = TestCertificate.Create("Private CA", null);
    private X509Certificate2 _certificate = null!;
    private UnboundServer _unbound = null!;

    internal WorldNetwork Network { get; private set; } = null!;

    internal WorldServer Server { get; private set; } = null!;

    internal WorldServer Http1Server { get; private set; } = null!;

    internal GitServer Git { get; private set; } = null!;

    /// <summary>GET of api.test; whatever through.test is asked; fetching, not pushing, at git.test.</summary>
    internal static string Policy { get; } = Policies.Egress("""
        - toFQDNs: [{matchName: api.test}, {matchName: front.test}, {matchName: untrusted.test}]
          toPorts: [{ports: [{port: "443", protocol: TCP}, {port: "8443", protocol: TCP}], rules: {http: [{method: GET}]}}]
        - toFQDNs: [{matchName: through.test}]
          toPorts: [{ports: [{port: "443", protocol: TCP}], serverNames: [through.test]}]
        - toFQDNs: [{matchName: git.test}]
          toPorts:
          - ports: [{port: "9443", protocol: TCP}]
            rules:
              http:
              - {method: GET, path: "/repo.git/info/refs\\?service=git-upload-pack"}
              - {method: POST, path: "/repo.git/git-upload-pack"}
        """);

    /// <summary>The root of the servers' certificates.</summary>
    internal string RootFile => Path.Combine(_folder.FullName, "root.pem");

    public async Task InitializeAsync()
    {
        Network = new WorldNetwork();
        _unbound = UnboundServer.StartIn(
            Network.Namespace.Name,
            [Network.V4(2), Network.V6(2)],
            [.. new[] { "api", "front", "through", "git", "untrusted" }.Select(name => $"{name}.test. 30 IN A {Network.V4(4)}")]);
        await File.WriteAllTextAsync(RootFile, _authority.ExportCertificatePem());
        _certificate = TestCertificate.Create("server", _authority, "api.test", "front.test", "through.test", "git.test");
        Server = await WorldServer.StartAsync(Network.Namespace, 443, HttpProtocols.Http1AndHttp2, _certificate);
        Http1Server = await WorldServer.StartAsync(Network.Namespace, 8443, HttpProtocols.Http1, _certificate);
        Git = await GitServer.StartAsync(Network.Namespace, 9443, _certificate);
    }

    public async Task DisposeAsync()
    {
        await Server.DisposeAsync();
        await Http1Server.DisposeAsync();
        await Git.DisposeAsync();
        _unbound.Dispose();
        _certificate.Dispose();
        _authority.Dispose();
        Network.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs a command under a policy. Its resolver is host 2; nothing is set in its environment.</summary>
    internal Task<CommandResult> RunAsync(params string[] command) => RunAsync(Policy, ["--upstream-ca", RootFile], command);

    /// <summary>As the other, with a policy and options of <c>run</c>.</summary>
    internal async Task<CommandResult> RunAsync(string policy, string[] options, string[] command, params string[] variables)
    {
        var file = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, policy);
        var resolvers = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        await File.WriteAllTextAsync(resolvers, $"nameserver {Network.V4(2)}\noptions timeout:2 attempts:2\n");
        return await ConfinedCommand.ExecuteAsync(
            "unshare",
            [
                "-m", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", resolvers,
                "env", .. variables, .. ConfinedCommand.Command, "run", "-p", file, "--flows", "compact", .. options, "--", .. command,
            ]);
    }
}
