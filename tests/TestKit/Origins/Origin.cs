using System.Globalization;
using System.Net;
using System.Text;

namespace PolicyProxy.TestKit.Origins;

/// <summary>The servers that tests put behind a proxy.</summary>
public enum OriginKind
{
    /// <summary>nginx before a FastCGI application.</summary>
    Nginx,

    /// <summary>HAProxy answering by itself.</summary>
    HAProxy,

    /// <summary>Node.js, <c>http.createServer</c>.</summary>
    Node,

    /// <summary>Kestrel, in the process of the test.</summary>
    Kestrel,

    /// <summary>Apache httpd before a FastCGI application.</summary>
    Apache,

    /// <summary>lighttpd before a FastCGI application.</summary>
    Lighttpd,

    /// <summary>Python's aiohttp.</summary>
    Aiohttp,
}

/// <summary>
/// A real server on a free loopback port. Each request it understood is in <see cref="Log"/>, and its answer, always without content,
/// carries the same report in the field <see cref="OriginRequest.SeenField"/>.
/// </summary>
internal abstract class Origin : IAsyncDisposable
{
    /// <summary>Longest wait for a program to start, and for a report.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private int _barriers;

    public abstract OriginKind Kind { get; }

    public abstract IPEndPoint Address { get; }

    public OriginLog Log { get; } = new();

    /// <summary>Starts an origin. A program that is missing is named in the error with its Debian package.</summary>
    public static async Task<Origin> StartAsync(OriginKind kind) => kind switch
    {
        OriginKind.Kestrel => await KestrelOrigin.StartAsync(),
        OriginKind.Nginx or OriginKind.Apache or OriginKind.Lighttpd => await FastCgiOrigin.StartAsync(kind, Program(kind)),
        _ => await ReportingOrigin.StartAsync(kind, Program(kind)),
    };

    /// <summary>
    /// Waits until what arrived before this call is in the log. Exact for servers with one event loop; others may still be busy with
    /// a request on another connection.
    /// </summary>
    public async Task SettleAsync()
    {
        var target = "/barrier/" + Interlocked.Increment(ref _barriers).ToString(CultureInfo.InvariantCulture);
        var index = Log.Count;
        var exchange = await OriginClient.ExchangeAsync(Address, Encoding.Latin1.GetBytes($"GET {target} HTTP/1.1\r\nHost: barrier\r\nConnection: close\r\n\r\n"));
        if (exchange.Answers is not [{ Seen.Target: var seen }] || seen != target)
        {
            throw new InvalidOperationException($"{Kind} did not answer: {exchange}");
        }

        await Log.WaitForAsync(index, request => request.Target == target, Patience);
    }

    /// <summary>True for the requests of <see cref="SettleAsync"/>.</summary>
    public static bool IsBarrier(OriginRequest request) => request.Host == "barrier";

    public abstract ValueTask DisposeAsync();

    private static OriginProgram Program(OriginKind kind) => kind switch
    {
        OriginKind.Nginx => new OriginProgram
        {
            Name = "nginx",
            Package = "nginx-light",
            Configuration = "nginx.conf",
            Arguments = ["-e", "stderr", "-p", "{folder}", "-c", "{config}"],
        },
        OriginKind.Apache => new OriginProgram
        {
            Name = "apache2",
            Package = "apache2-bin",
            Configuration = "apache.conf",
            Arguments = ["-DFOREGROUND", "-f", "{config}"],
        },
        OriginKind.Lighttpd => new OriginProgram
        {
            Name = "lighttpd",
            Package = "lighttpd",
            Configuration = "lighttpd.conf",
            Arguments = ["-D", "-f", "{config}"],
        },
        OriginKind.HAProxy => new OriginProgram
        {
            Name = "haproxy",
            Package = "haproxy",
            Configuration = "haproxy.cfg",
            Arguments = ["-db", "-f", "{config}"],
        },
        OriginKind.Node => new OriginProgram
        {
            Name = "node",
            Package = "nodejs",
            Configuration = "node.js",
            Arguments = ["{config}", "{port}"],
        },

        // Debian's own Python, the one that finds Debian's modules
        _ => new OriginProgram
        {
            Name = "/usr/bin/python3",
            Package = "python3-aiohttp",
            Configuration = "aiohttp_origin.py",
            Arguments = ["{config}", "{port}"],
        },
    };
}
