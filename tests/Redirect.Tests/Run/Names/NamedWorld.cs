using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using PolicyProxy.TestKit.Dns;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run.Names;

/// <summary>
/// A network with unbound on host 2 and web servers on port 80 and 443 of every host. <c>good.test</c> and <c>evil.test</c> share host 4,
/// <c>other.test</c> is host 5, <c>six.test</c> has IPv6 only, <c>zero.test</c> no time to live. Shared by the tests of one class.
/// </summary>
public sealed class NamedWorld : IAsyncLifetime
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private X509Certificate2 _certificate = null!;
    private UnboundServer _unbound = null!;

    internal WorldNetwork Network { get; private set; } = null!;

    internal WorldServer Plain { get; private set; } = null!;

    internal WorldServer Tls { get; private set; } = null!;

    /// <summary>Allows the names good, six and zero on the web's ports.</summary>
    internal static string Policy { get; } = Policies.Egress("""
        - toFQDNs: [{matchName: good.test}, {matchName: six.test}, {matchName: zero.test}]
          toPorts: [{ports: [{port: "80", protocol: TCP}, {port: "443", protocol: TCP}]}]
        """);

    public async Task InitializeAsync()
    {
        Network = new WorldNetwork();
        _unbound = UnboundServer.StartIn(
            Network.Namespace.Name,
            [Network.V4(2), Network.V6(2)],
            $"good.test. 30 IN A {Network.V4(4)}", $"good.test. 30 IN AAAA {Network.V6(4)}",
            $"evil.test. 30 IN A {Network.V4(4)}", $"evil.test. 30 IN AAAA {Network.V6(4)}",
            $"other.test. 30 IN A {Network.V4(5)}",
            $"six.test. 30 IN AAAA {Network.V6(6)}",
            $"zero.test. 0 IN A {Network.V4(7)}");
        _certificate = Certify("good.test", "evil.test", "six.test", "zero.test");
        await File.WriteAllTextAsync(CertificateFile, _certificate.ExportCertificatePem());
        Plain = await WorldServer.StartAsync(Network.Namespace, 80);
        Tls = await WorldServer.StartAsync(Network.Namespace, 443, HttpProtocols.Http1AndHttp2, _certificate);
    }

    public async Task DisposeAsync()
    {
        await Plain.DisposeAsync();
        await Tls.DisposeAsync();
        _unbound.Dispose();
        _certificate.Dispose();
        Network.Dispose();
        _folder.Delete(recursive: true);
    }

    /// <summary>Runs a command under the policy. It sees these resolvers in its resolv.conf and trusts the servers' certificate.</summary>
    internal Task<CommandResult> RunAsync(string[] command, params IPAddress[] resolvers) => RunAsync(Policy, [], command, resolvers);

    /// <summary>As the other, with a policy and further options of <c>run</c>.</summary>
    internal async Task<CommandResult> RunAsync(string policy, string[] options, string[] command, params IPAddress[] resolvers)
    {
        var file = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        await File.WriteAllTextAsync(file, policy);
        return await ConfinedCommand.ExecuteAsync(
            "unshare", [.. Inside(resolvers), "dotnet", ConfinedCommand.Program, "run", "-p", file, .. options, "--", .. command]);
    }

    /// <summary>Arguments of <c>unshare</c> before a command that is to see these resolvers; none = host 2.</summary>
    internal string[] Inside(params IPAddress[] resolvers)
    {
        var file = Path.Combine(_folder.FullName, Path.GetRandomFileName());
        IPAddress[] all = resolvers.Length == 0 ? [Network.V4(2)] : resolvers;
        File.WriteAllLines(file, all.Select(static resolver => $"nameserver {resolver}").Append("options timeout:2 attempts:2"));
        return
        [
            "-m", "sh", "-c", "mount --bind \"$0\" /etc/resolv.conf && exec \"$@\"", file,
            "env", $"SSL_CERT_FILE={CertificateFile}", $"NODE_EXTRA_CA_CERTS={CertificateFile}", $"CURL_CA_BUNDLE={CertificateFile}",
        ];
    }

    private string CertificateFile => Path.Combine(_folder.FullName, "certificate.pem");

    private static X509Certificate2 Certify(params string[] names)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=world.test", key, HashAlgorithmName.SHA256);
        var alternatives = new SubjectAlternativeNameBuilder();
        Array.ForEach(names, alternatives.AddDnsName);
        request.CertificateExtensions.Add(alternatives.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, hasPathLengthConstraint: false, 0, critical: true));
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, new DateTimeOffset(2049, 12, 31, 0, 0, 0, TimeSpan.Zero));
    }
}
