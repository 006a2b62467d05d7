using System.Net;

namespace PolicyProxy.TestKit.Origins;

/// <summary>A web server that hands what it understood to a FastCGI application, which is the test itself.</summary>
internal sealed class FastCgiOrigin : Origin
{
    private readonly FastCgiApplication _application;
    private OriginProcess? _process;

    private FastCgiOrigin(OriginKind kind)
    {
        Kind = kind;
        _application = new FastCgiApplication(Take);
    }

    public override OriginKind Kind { get; }

    public override IPEndPoint Address => _process!.Address;

    public static async Task<FastCgiOrigin> StartAsync(OriginKind kind, OriginProgram program)
    {
        var origin = new FastCgiOrigin(kind);
        try
        {
            origin._process = await OriginProcess.StartAsync(program with { Application = origin._application.SocketPath }, static _ => { });
            return origin;
        }
        catch
        {
            await origin._application.DisposeAsync();
            throw;
        }
    }

    public override async ValueTask DisposeAsync()
    {
        await _process!.DisposeAsync();
        await _application.DisposeAsync();
    }

    private OriginRequest Take(FastCgiRequest request)
    {
        var seen = request.ToOriginRequest();
        Log.Add(seen);
        return seen;
    }
}
