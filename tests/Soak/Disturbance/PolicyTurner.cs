using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using PolicyProxy.Soak.Traffic;
using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Disturbance;

/// <summary>
/// Replaces the policy file while requests are under way, and watches with requests of its own from when on the new policy holds. Every
/// fourth file is invalid, and nothing may change.
/// </summary>
internal sealed class PolicyTurner(string file, IPEndPoint sidecar, ExchangeGenerator generator, PolicyTimeline policies, Referee referee, Tally tally)
{
    /// <summary>A new policy must hold within this time.</summary>
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan s_betweenProbes = TimeSpan.FromMilliseconds(20);

    private static readonly string[] s_invalid =
    [
        "kind: [",
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: soak}\nspec: {endpointSelector: {}, ingres: []}\n",
        "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: soak}\nspec:\n  endpointSelector: {}\n  ingress: [{toPorts: [{ports: [{port: \"8080\"}], rules: {http: [{path: \"/(\"}]}}]}]\n",
    ];

    private ClientConnection? _connection;

    /// <param name="pause">Time between two replacements.</param>
    /// <param name="stop">Ends it, with a valid policy in force.</param>
    public async Task RunAsync(TimeSpan pause, CancellationToken stop)
    {
        var random = generator.Random;
        for (var round = 1; await Pauses.WaitAsync(pause, stop); round++)
        {
            if (round % 4 == 0)
            {
                Replace(s_invalid[random.Next(s_invalid.Length)]);
                await WatchAsync(pause);
                tally.Count("policies: invalid files");
                continue;
            }

            var next = PolicyVersion.All[(policies.Newest.Number + random.Next(1, PolicyVersion.Count)) % PolicyVersion.Count];
            policies.Write(next);
            Replace(next.Yaml());
            await WaitUntilInForceAsync();
            tally.Count("policies: replaced");
        }

        _connection?.Dispose();
    }

    /// <summary>Waits until the newest policy holds; a failure after a while.</summary>
    public async Task WaitUntilInForceAsync()
    {
        var start = Stopwatch.GetTimestamp();
        while (!await IsInForceAsync())
        {
            if (Stopwatch.GetElapsedTime(start) > s_limit)
            {
                tally.Fail($"a policy did not come into force in {s_limit.TotalSeconds} s", $"version {policies.Newest.Number}");
                return;
            }

            await Task.Delay(s_betweenProbes);
        }

        policies.TakeOver();
    }

    /// <summary>With an invalid file in place, the last good policy must go on to hold.</summary>
    private async Task WatchAsync(TimeSpan time)
    {
        for (var start = Stopwatch.GetTimestamp(); Stopwatch.GetElapsedTime(start) < time; await Task.Delay(s_betweenProbes))
        {
            _ = await IsInForceAsync(); // a wrong answer is the referee's to find
        }
    }

    /// <summary>False also if the question could not be asked.</summary>
    private async Task<bool> IsInForceAsync()
    {
        var probe = generator.Probe(policies.Newest);
        try
        {
            _connection ??= await ClientConnection.ConnectAsync(sidecar);
        }
        catch (SocketException)
        {
            return false;
        }

        var answer = await ExchangeRunner.RunAsync(_connection, probe, referee, tally);
        if (!answer.LeavesConnection)
        {
            _connection.Dispose();
            _connection = null;
        }

        return answer.End == AnswerEnd.Complete && answer.Status != 403;
    }

    /// <summary>As editors and Kubernetes do it: a new file takes the old one's place.</summary>
    private void Replace(string text)
    {
        File.WriteAllText(file + ".new", text);
        File.Move(file + ".new", file, overwrite: true);
    }
}
