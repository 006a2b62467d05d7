using System.Diagnostics;

namespace PolicyProxy.Kafka.Tests.Clients;

/// <summary>What a client did.</summary>
internal sealed record ClientResult(int ExitCode, byte[] Output, string Errors)
{
    public override string ToString() => $"exit code {ExitCode}, {Output.Length} bytes of output, and:\n{Errors}";
}

/// <summary>Runs a client to its end.</summary>
internal static class ClientProcess
{
    /// <summary>Long before any client gives up by itself (kafka-python after 60 s, the others after 30 s or more): whoever ends in time was told something.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(25);

    /// <summary>Where eng/prerequisites.sh puts what npm installs.</summary>
    private static readonly string s_nodeModules = Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../../kafka-clients/node_modules"));

    public static async Task<ClientResult> RunAsync(string[] command)
    {
        var start = new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment["NODE_PATH"] = s_nodeModules;
        start.Environment["KAFKAJS_NO_PARTITIONER_WARNING"] = "1";
        using var process = Process.Start(start)!;
        using var limit = new CancellationTokenSource(s_limit);
        using var output = new MemoryStream();
        var errors = process.StandardError.ReadToEndAsync(CancellationToken.None);
        try
        {
            await process.StandardOutput.BaseStream.CopyToAsync(output, limit.Token);
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return new ClientResult(-1, output.ToArray(), $"ended after {s_limit}\n{await errors}");
        }

        return new ClientResult(process.ExitCode, output.ToArray(), await errors);
    }
}
