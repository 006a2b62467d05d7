using System.Net;

namespace PolicyProxy.TestKit.Origins;

/// <summary>A server program that writes a line <c>seen …</c> for each request.</summary>
internal sealed class ReportingOrigin : Origin
{
    private const string Mark = "seen ";

    private OriginProcess? _process;

    private ReportingOrigin(OriginKind kind) => Kind = kind;

    public override OriginKind Kind { get; }

    public override IPEndPoint Address => _process!.Address;

    public static async Task<ReportingOrigin> StartAsync(OriginKind kind, OriginProgram program)
    {
        var origin = new ReportingOrigin(kind);
        origin._process = await OriginProcess.StartAsync(program, origin.Take);
        return origin;
    }

    public override ValueTask DisposeAsync() => _process!.DisposeAsync();

    private void Take(string line)
    {
        // HAProxy also writes a line without a report for what it refused
        if (line.StartsWith(Mark, StringComparison.Ordinal) && line.Contains('.', StringComparison.Ordinal))
        {
            Log.Add(OriginRequest.Parse(line[Mark.Length..]));
        }
    }
}
