var builder = WebApplication.CreateBuilder(args);

#region client
builder.Services
    .AddPolicyProxy(static options => options.Labels = "app=web") // who this process is: the subject of the policies
    .FromFiles("policies/");
builder.Services
    .AddHttpClient("partner")
    .AddPolicyProxy();
#endregion

var app = builder.Build();

// What users may ask for: an address of their choice is fetched for them, which is where server-side request forgery comes from.
app.MapGet("/fetch", static async (string url, IHttpClientFactory clients, HttpResponse response, CancellationToken cancellationToken) =>
{
    using var client = clients.CreateClient("partner");
    using var answer = await client.GetAsync(new Uri(url), cancellationToken);
    response.StatusCode = (int)answer.StatusCode;
    await answer.Content.CopyToAsync(response.Body, cancellationToken);
});

// The partner's server, in the same process to keep the sample small.
app.MapGet("/public", static () => "hello\n");
app.MapGet("/private", static () => "never fetched\n");
app.MapGet("/redirect", static (string to) => Results.Redirect(to));
app.Run();
