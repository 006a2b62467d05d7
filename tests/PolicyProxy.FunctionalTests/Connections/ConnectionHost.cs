using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.DependencyInjection;
using PolicyProxy.Flows;
using PolicyProxy.FunctionalTests.Doors;
using PolicyProxy.Spiffe;
using PolicyProxy.TestKit.Flows;
using PolicyProxy.TestKit.Spiffe;

namespace PolicyProxy.FunctionalTests.Connections;

/// <summary>
/// Kestrel with the connection middleware, TLS by default, and an application that answers with its request line. The subject is <c>app=api</c>;
/// a folder holds what clients such as curl read from files.
/// </summary>
internal sealed class ConnectionHost : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ConnectionHost(WebApplication app, ReplaceableTexts texts, FlowLog flows, TestAuthority authority, string folder)
    {
        (_app, Texts, Log, Authority, Folder) = (app, texts, flows, authority, folder);
        Port = new Uri(app.Urls.First()).Port;
    }

    public int Port { get; }

    public ReplaceableTexts Texts { get; }

    public FlowLog Log { get; }

    /// <summary>The authority of the trust domain <c>example.org</c>, and of the server's own certificate.</summary>
    public TestAuthority Authority { get; }

    public string Folder { get; }

    public string BundleFile => Path.Combine(Folder, "example.org.pem");

    public IPEndPoint EndPoint => new(IPAddress.Loopback, Port);

    public IServiceProvider Services => _app.Services;

    public IReadOnlyList<FlowRecord> Flows => Log.All();

    public IEnumerable<FlowRecord> Denials => Flows.Where(static flow => flow.Verdict == FlowVerdict.Dropped);

    public static async Task<ConnectionHost> StartAsync(
        string ingress,
        bool withPeers = false,
        Action<ListenOptions, X509Certificate2>? listen = null,
        bool usesMiddleware = true,
        Action<PolicyProxyOptions>? configure = null)
    {
        var folder = Directory.CreateTempSubdirectory().FullName;
        var authority = new TestAuthority();
        var server = authority.Issue(new TestLeaf { DnsName = "*.example.com", Uris = ["spiffe://example.org/ns/default/sa/api"] });
        var bundle = Path.Combine(folder, "example.org.pem");
        await File.WriteAllTextAsync(bundle, authority.Pem);

        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        var texts = new ReplaceableTexts([Policy(ingress), ShopPolicies.Inventory]);
        var flows = new FlowLog();
        builder.Services.AddSingleton<IFlowObserver>(flows);
        builder.Services.AddPolicyProxy(options =>
        {
            options.Labels = "app=api";
            options.PolicyPort = 8080;
            if (withPeers)
            {
                options.TrustDomains["example.org"] = bundle;
            }

            configure?.Invoke(options);
        }).From(texts);
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, options =>
        {
            if (listen is not null)
            {
                listen(options, server);
                return;
            }

            options.UsePolicyProxy();
            options.UseHttps(server, https =>
            {
                if (withPeers)
                {
                    https.UsePolicyProxy();
                }
            });
        }));
        var app = builder.Build();
        if (usesMiddleware)
        {
            app.UsePolicyProxy();
        }

        app.Run(static context => context.Response.WriteAsync($"{context.Request.Method} {context.Request.Path}"));
        await app.StartAsync();
        return new ConnectionHost(app, texts, flows, authority, folder);
    }

    public static string Policy(string ingress) =>
        $$$"""
        apiVersion: cilium.io/v2
        kind: CiliumNetworkPolicy
        metadata: {name: api, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: api}}
          ingress:
          {{{string.Join("\n  ", ingress.Split('\n'))}}}
        """;

    /// <summary>Writes a certificate and its key as PEM; the paths.</summary>
    public (string Certificate, string Key) Write(X509Certificate2 certificate, string name = "client")
    {
        var (file, key) = (Path.Combine(Folder, name + ".pem"), Path.Combine(Folder, name + ".key"));
        File.WriteAllText(file, certificate.ExportCertificatePem());
        File.WriteAllText(key, certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return (file, key);
    }

    public void ReloadBundles() => Services.GetRequiredService<TrustBundles>().Reload();

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        Authority.Dispose();
        Directory.Delete(Folder, recursive: true);
    }
}
