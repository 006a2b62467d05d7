using System.Globalization;

namespace PolicyProxy.Redirect.Tests.Run.Decrypting;

/// <summary>Tools that know nothing of a proxy and are told nothing, over TLS: of one host, GET is allowed and POST is not.</summary>
public sealed class DecryptingToolTests(DecryptedWorld world) : IClassFixture<DecryptedWorld>
{
    private const string Requests = "import sys,requests\nfor m in 'GET','POST': print(requests.request(m,sys.argv[1],timeout=20).status_code)";
    private const string Urllib = "import sys,urllib.request as u\nfor m in 'GET','POST':\n  try: print(u.urlopen(u.Request(sys.argv[1],method=m),timeout=20).status)\n  except u.HTTPError as e: print(e.code)";
    private const string Node = "(async()=>{for(const m of ['GET','POST']){const r=await fetch(process.argv[1],{method:m});console.log(r.status);await r.text()}})().catch(e=>{console.error(e);process.exit(1)})";
    private const string Java = """
        import java.net.URI;
        import java.net.http.*;
        class Fetch {
          public static void main(String[] a) throws Exception {
            var client = HttpClient.newHttpClient();
            for (var m : new String[] {"GET", "POST"})
              System.out.println(client.send(HttpRequest.newBuilder(URI.create(a[0])).method(m, HttpRequest.BodyPublishers.noBody()).build(), HttpResponse.BodyHandlers.ofString()).statusCode());
          }
        }
        """;

    private static string HttpFetch => typeof(DecryptingToolTests).Assembly.Location.Replace("Redirect.Tests.dll", "HttpFetch.dll", StringComparison.Ordinal);

    public static TheoryData<string, string[]> Tools => new()
    {
        { "curl", ["sh", "-c", "for m in GET POST; do curl -sS -m 20 -o /dev/null -X $m -w '%{http_code}\\n' \"$0\"; done"] },
        { "curl-http1", ["sh", "-c", "for m in GET POST; do curl -sS --http1.1 -m 20 -o /dev/null -X $m -w '%{http_code}\\n' \"$0\"; done"] },
        { "requests", ["python3", "-c", Requests] },
        { "urllib", ["python3", "-c", Urllib] },
        { "node", ["node", "-e", Node] },
        { "dotnet", ["dotnet", HttpFetch, "--post"] },
        { "openssl", ["sh", "-c", "for m in GET POST; do printf '%s /openssl HTTP/1.0\\r\\nHost: api.test\\r\\n\\r\\n' $m | openssl s_client -quiet -verify_return_error -connect api.test:443 -servername api.test 2>/dev/null | sed -n 's/^HTTP.1.1 \\([0-9]*\\).*/\\1/p'; done"] },
    };

    [Theory]
    [MemberData(nameof(Tools))]
    public async Task Tool_may_get_and_not_post(string name, string[] command)
    {
        foreach (var port in new[] { 443, 8443 })
        {
            var result = await world.RunAsync([.. command, string.Create(CultureInfo.InvariantCulture, $"https://api.test:{port}/{name}")]);

            Assert.True(result.Output == "200\n403\n", $"{name} {port}: {result}");
        }

        var seen = world.Server.Requests.Concat(world.Http1Server.Requests).Where(request => request.Contains($"/{name}", StringComparison.Ordinal)).ToList();
        Assert.NotEmpty(seen);
        Assert.DoesNotContain(seen, static request => request.Contains("POST", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Java_may_get_and_not_post()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "Fetch.java");
            await File.WriteAllTextAsync(file, Java);
            var result = await world.RunAsync("java", file, "https://api.test/java");

            Assert.True(result.Output == "200\n403\n", $"{result}");
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public async Task Git_may_clone_and_not_push()
    {
        var result = await world.RunAsync(
            "sh", "-ec",
            """
            cd $(mktemp -d)
            git clone -q https://git.test:9443/repo.git a
            cd a
            stat -c %s file
            git -c user.name=b -c user.email=b@example commit -q --allow-empty -m second
            git push -q origin HEAD:main && echo pushed || echo refused
            """);

        Assert.True(result.Output == "300000\nrefused\n", $"{result}");
        Assert.Contains("403", result.Errors);
        Assert.Contains("service=git-receive-pack", result.Errors);
        Assert.Equal(1, await world.Git.CountCommitsAsync());
    }
}
