using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Run.Decrypting;

/// <summary>Git's own server, <c>git http-backend</c>, behind a web server that speaks TLS. One repository, <c>/repo.git</c>, to which anybody may push.</summary>
internal sealed class GitServer : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly Socket _listener;
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    private GitServer(WebApplication app, Socket listener) => (_app, _listener) = (app, listener);

    public static async Task<GitServer> StartAsync(NetworkNamespace where, int port, X509Certificate2 certificate)
    {
        var listener = where.Run(() =>
        {
            var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
            socket.Listen();
            return socket;
        });
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().UseKestrelHttpsConfiguration().ConfigureKestrel(kestrel => kestrel.ListenHandle((ulong)listener.Handle, listen => listen.UseHttps(certificate)));
        var app = builder.Build();
        var server = new GitServer(app, listener);
        await server.InitializeAsync();
        app.Run(server.AnswerAsync);
        await app.StartAsync();
        return server;
    }

    /// <summary>Number of commits on the repository's main branch.</summary>
    public async Task<int> CountCommitsAsync() => int.Parse(await GitAsync("-C", Repository, "rev-list", "--count", "main"), System.Globalization.CultureInfo.InvariantCulture);

    public async ValueTask DisposeAsync()
    {
        await _app.DisposeAsync();
        _listener.Dispose();
        _folder.Delete(recursive: true);
    }

    private string Repository => Path.Combine(_folder.FullName, "repo.git");

    private async Task InitializeAsync()
    {
        var work = Path.Combine(_folder.FullName, "work");
        await GitAsync("init", "-q", "-b", "main", work);
        await File.WriteAllTextAsync(Path.Combine(work, "file"), new string('x', 300_000));
        await GitAsync("-C", work, "add", "file");
        await GitAsync("-C", work, "-c", "user.name=a", "-c", "user.email=a@example", "commit", "-q", "-m", "first");
        await GitAsync("clone", "-q", "--bare", work, Repository);
        await GitAsync("-C", Repository, "config", "http.receivepack", "true");
    }

    private static async Task<string> GitAsync(params string[] arguments)
    {
        using var git = Process.Start(new ProcessStartInfo("git", arguments) { RedirectStandardOutput = true })!;
        var output = await git.StandardOutput.ReadToEndAsync();
        await git.WaitForExitAsync();
        return git.ExitCode == 0 ? output : throw new InvalidOperationException($"git {string.Join(' ', arguments)}: {git.ExitCode}");
    }

    // RFC 3875, as far as git asks for it.
    private async Task AnswerAsync(HttpContext context)
    {
        var start = new ProcessStartInfo("git", ["http-backend"]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        var request = context.Request;
        start.Environment["GIT_PROJECT_ROOT"] = _folder.FullName;
        start.Environment["GIT_HTTP_EXPORT_ALL"] = "1";
        start.Environment["REQUEST_METHOD"] = request.Method;
        start.Environment["PATH_INFO"] = request.Path;
        start.Environment["QUERY_STRING"] = request.QueryString.Value!.TrimStart('?');
        start.Environment["CONTENT_TYPE"] = request.ContentType ?? string.Empty;
        start.Environment["HTTP_CONTENT_ENCODING"] = request.Headers.ContentEncoding.ToString();
        start.Environment["GIT_PROTOCOL"] = request.Headers["Git-Protocol"].ToString();
        using var git = Process.Start(start)!;
        var sending = Task.Run(async () =>
        {
            await request.Body.CopyToAsync(git.StandardInput.BaseStream);
            git.StandardInput.Close();
        });
        var output = new MemoryStream();
        await git.StandardOutput.BaseStream.CopyToAsync(output);
        await sending;
        await git.WaitForExitAsync();
        var all = output.ToArray();
        var end = all.AsSpan().IndexOf("\r\n\r\n"u8);
        foreach (var line in Encoding.ASCII.GetString(all, 0, end).Split("\r\n"))
        {
            var (name, value) = line.Split(": ", 2) is [var left, var right] ? (left, right) : (line, string.Empty);
            if (name == "Status")
            {
                context.Response.StatusCode = int.Parse(value.AsSpan(0, 3), System.Globalization.CultureInfo.InvariantCulture);
            }
            else
            {
                context.Response.Headers[name] = value;
            }
        }

        await context.Response.Body.WriteAsync(all.AsMemory(end + 4));
    }
}
