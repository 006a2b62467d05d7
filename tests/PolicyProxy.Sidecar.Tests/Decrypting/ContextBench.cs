using System.Collections.Concurrent;
using System.Net;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using PolicyProxy.Flows;
using PolicyProxy.Sidecar.Decrypting;
using PolicyProxy.Sidecar.Tests.Relay;
using PolicyProxy.Sidecar.Tests.Relay.Origins;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>
/// A sidecar before a server that speaks TLS or not; both have keys in a folder of secrets. curl reaches it by CONNECT, and trusts <see cref="Edge"/>.
/// The server answers with scheme, method, host and path, with the name in the certificate it was shown, and with the token if it got one.
/// </summary>
internal sealed class ContextBench : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly TestAuthority _origin = new("Origin CA");
    private readonly ConcurrentQueue<string> _requests = new();
    private WebApplication _server = null!;
    private int _names;

    public TestAuthority Edge { get; private set; } = new("Edge CA");

    public TransparentBench Sidecar { get; private set; } = null!;

    public IPEndPoint Address { get; private set; } = null!;

    public IEnumerable<string> Requests => _requests;

    /// <summary>Starts both.</summary>
    /// <param name="rule">What stands behind the ports of the rule.</param>
    /// <param name="speaksTls">True if the server speaks TLS.</param>
    public static async Task<ContextBench> StartAsync(string rule, bool speaksTls = true)
    {
        var bench = new ContextBench();
        bench.Write("edge", bench.Edge.Secret("api.test", "other.test"));
        bench.Write("origin", new Dictionary<string, string>(bench._origin.Secret("proxy.client")) { ["ca.crt"] = bench._origin.Pem });
        await bench.StartServerAsync(speaksTls);
        bench.Sidecar = await TransparentBench.StartAsync(
            bench.Policy(rule),
            options => options with
            {
                Transparent = null,
                ServesNamedDestinations = true,
                Decryption = new DecryptionOptions { Trust = UpstreamTrust.Read([]), SecretsPath = bench._folder.FullName },
            });
        return bench;
    }

    public string Policy(string rule) => TransparentBench.EgressPolicy(TransparentBench.To(Address, rule));

    /// <summary>Waits until a flow has been reported so many times: a client that is cut off may know of it before the report is made.</summary>
    public Task SeenAsync(Func<FlowRecord, bool> condition, int times = 1) =>
        RelayBench.UntilAsync(() => Sidecar.Seen().Count(condition) >= times, $"{times} such flows");

    /// <summary>Puts another version of a secret in place.</summary>
    public void Write(string name, IReadOnlyDictionary<string, string> items)
    {
        var secret = Directory.CreateDirectory(Path.Combine(_folder.FullName, "default", name));
        foreach (var (item, text) in items)
        {
            File.WriteAllText(Path.Combine(secret.FullName, item), text);
        }
    }

    /// <summary>The file of an item.</summary>
    public string PathOf(string name, string item) => Path.Combine(_folder.FullName, "default", name, item);

    /// <summary>Writes a file beside the secrets; its path.</summary>
    public string Save(string file, string text)
    {
        var path = Path.Combine(_folder.FullName, file);
        File.WriteAllText(path, text);
        return path;
    }

    public void Remove(string name) => Directory.Delete(Path.Combine(_folder.FullName, "default", name), recursive: true);

    /// <summary>Gives the client side a key of another authority.</summary>
    public void Rotate()
    {
        Edge.Dispose();
        Edge = new TestAuthority("Next CA");
        Write("edge", Edge.Secret("api.test", "other.test"));
    }

    /// <summary>What curl prints: the answer's status and body, or an error.</summary>
    public async Task<string> CurlAsync(string url, params string[] options)
    {
        var trusted = Path.Combine(_folder.FullName, $"trusted{++_names}.pem");
        await File.WriteAllTextAsync(trusted, Edge.Pem);
        return await Tool.RunAsync(
            "curl", "curl",
            ["-sS", "--max-time", "20", "--cacert", trusted, "--proxy", $"http://{Sidecar.Server.ProxyAddresses[0]}", "--connect-to", $"::{Address}", "-w", "%{http_code}", .. options, url]);
    }

    public async ValueTask DisposeAsync()
    {
        await Sidecar.DisposeAsync();
        await _server.DisposeAsync();
        Edge.Dispose();
        _origin.Dispose();
        _folder.Delete(recursive: true);
    }

    private async Task StartServerAsync(bool speaksTls)
    {
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
        {
            if (speaksTls)
            {
                listen.UseHttps(https =>
                {
                    https.ServerCertificate = _origin.Issue("api.test", "localhost");
                    https.ClientCertificateMode = ClientCertificateMode.AllowCertificate;
                    https.ClientCertificateValidation = (certificate, _, _) => certificate.IssuerName.RawData.AsSpan().SequenceEqual(_origin.Root.SubjectName.RawData);
                });
            }
        }));
        _server = builder.Build();
        _server.Run(async context =>
        {
            var request = context.Request;
            var client = (await context.Connection.GetClientCertificateAsync())?.GetNameInfo(X509NameType.SimpleName, forIssuer: false) ?? "nobody";
            var text = $"{request.Scheme} {request.Method} {request.Host.Host}{request.Path} {client} {string.Concat(request.Headers["X-Token"].Select(static token => $"{token} "))}";
            _requests.Enqueue(text);
            await context.Response.WriteAsync(text);
        });
        await _server.StartAsync();
        Address = IPEndPoint.Parse(new Uri(_server.Urls.First()).Authority);
    }
}
