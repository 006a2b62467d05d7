using System.Net;
using System.Net.Security;
using System.Security.Cryptography.X509Certificates;
using PolicyProxy.Samples.MutualTls;

// Certificates, made anew at every start.
using var authority = new Authority();
using var ordersCertificate = authority.Issue("spiffe://example.org/ns/default/sa/orders");
var folder = Directory.CreateTempSubdirectory();
var bundle = Path.Combine(folder.FullName, "example.org.pem");
await File.WriteAllTextAsync(bundle, authority.Bundle);

// The service that is protected.
#region server
var builder = WebApplication.CreateBuilder();
builder.Services
    .AddPolicyProxy(options =>
    {
        options.Labels = "app=orders";
        options.PolicyPort = 8443;
        options.TrustDomains["example.org"] = bundle;  // who may vouch for spiffe://example.org/...
    })
    .FromFiles("policies/");
builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0, listen =>
{
    listen.UsePolicyProxy();                                                      // connections
    listen.UseHttps(ordersCertificate, static https => https.UsePolicyProxy());   // the certificates of clients
}));

await using var orders = builder.Build();
orders.UsePolicyProxy();                                                          // requests
orders.MapGet("/orders", static () => "three orders\n");
#endregion
await orders.StartAsync();

// Its clients, in one process to keep the sample small: /as/ACCOUNT/PATH asks for PATH with the certificate of that account.
await using var web = WebApplication.Create(args);
web.MapGet("/as/{account}/{path}", async (string account, string path, HttpResponse response, CancellationToken cancellationToken) =>
{
    using var certificate = account == "nobody" ? null : authority.Issue($"spiffe://example.org/ns/default/sa/{account}");
    using var client = new HttpClient(new SocketsHttpHandler
    {
        SslOptions = new SslClientAuthenticationOptions
        {
            LocalCertificateSelectionCallback = (_, _, _, _, _) => certificate!,
            RemoteCertificateValidationCallback = (_, server, _, _) => server is X509Certificate2 shown && authority.HasSigned(shown),
        },
    });
    try
    {
        using var answer = await client.GetAsync(new Uri($"{orders.Urls.First()}/{path}"), cancellationToken);
        response.StatusCode = (int)answer.StatusCode;
        await answer.Content.CopyToAsync(response.Body, cancellationToken);
    }
    catch (HttpRequestException)
    {
        response.StatusCode = StatusCodes.Status502BadGateway;
        await response.WriteAsync("the handshake was refused\n", cancellationToken);
    }
});
await web.RunAsync();
folder.Delete(recursive: true);
