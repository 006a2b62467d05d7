using System.CommandLine;
using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Commands.Demo;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy demo</c>: a server, a sidecar before it, a policy, and requests over real sockets that show what it does.</summary>
internal static class DemoCommand
{
    // What the demo's policy speaks of; the real ports are free ones.
    private const ushort PolicyPort = 8080;
    private const ushort KafkaPort = 9092;

    public static Verb Create(CommandOutput output)
    {
        var listen = new Option<string?>("--listen") { HelpName = "ADDRESS", Description = "Listen here and stay up for your own requests: 127.0.0.1:8080." };
        var format = CommonOptions.Format();
        var verb = new Verb("demo", "See a policy enforced: starts a server and a broker behind sidecars and sends allowed and denied requests.")
        {
            Examples = ["policyproxy demo", "policyproxy demo --listen 127.0.0.1:8080"],
            ExitCodes = "0 every request came out as the policy says, 1 one did not, 2 could not start",
        };
        verb.Add(listen);
        verb.Add(format);
        verb.SetAction((parsed, stop) => RunAsync(output, parsed.GetValue(listen), parsed.GetValue(format) == "json", stop));
        return verb;
    }

    private static async Task<int> RunAsync(CommandOutput output, string? listen, bool asJson, CancellationToken stop)
    {
        using var files = new DemoFiles();
        using var signal = new StopSignal(stop);
        var flows = new FlowCapture();
        var upstream = await DemoUpstream.StartAsync(stop).ConfigureAwait(false);
        await using (upstream.ConfigureAwait(false))
        {
            var address = listen is null ? new IPEndPoint(IPAddress.Loopback, 0) : ListenAddress.Parse(listen);
            var sidecar = await StartSidecarAsync(files, upstream, flows, address, stop).ConfigureAwait(false);
            await using (sidecar.ConfigureAwait(false))
            {
                var report = await SendHttpAsync(sidecar.Addresses[0], upstream, flows, stop).ConfigureAwait(false);
                report = await WithKafkaAsync(report, files, flows, stop).ConfigureAwait(false);
                if (asJson)
                {
                    DemoReportWriter.WriteJson(report, output);
                }
                else
                {
                    DemoReportWriter.WriteText(report, output);
                }

                if (listen is not null)
                {
                    await StayAsync(output, report, files, flows, signal).ConfigureAwait(false);
                    await sidecar.StopAsync(stop).ConfigureAwait(false);
                }

                return report.IsAsExpected ? ExitCode.Success : ExitCode.Negative;
            }
        }
    }

    private static Task<SidecarServer> StartSidecarAsync(DemoFiles files, DemoUpstream upstream, FlowCapture flows, IPEndPoint listen, CancellationToken stop) =>
        StartAsync(files, files.Policy, "app=api-server,io.kubernetes.pod.namespace=demo", PolicyPort, upstream.Address, listen, flows, stop);

    private static async Task<SidecarServer> StartAsync(
        DemoFiles files, string policy, string labels, ushort port, Uri upstream, IPEndPoint listen, FlowCapture flows, CancellationToken stop)
    {
        try
        {
            return await SidecarServer.StartAsync(
                new SidecarOptions
                {
                    PolicyPaths = [policy],
                    InventoryPaths = [files.Inventory],
                    Labels = LabelSet.Parse(labels),
                    Listen = [listen],
                    Upstream = upstream,
                    PolicyPort = port,
                    Configure = builder => builder.Services.AddSingleton<IFlowObserver>(flows),
                },
                stop).ConfigureAwait(false);
        }
        catch (SidecarStartException problem)
        {
            throw new CommandFailureException(problem.Message);
        }
    }

    private static async Task<DemoReport> SendHttpAsync(IPEndPoint listen, DemoUpstream upstream, FlowCapture flows, CancellationToken stop)
    {
        // An address for listening on every interface is none to connect to.
        var target = listen.Address.Equals(IPAddress.Any) ? new IPEndPoint(IPAddress.Loopback, listen.Port) : listen;
        var results = await SendAsync(DemoRequest.Http, request => DemoClient.SendAsync(request, target, stop), flows).ConfigureAwait(false);
        return new DemoReport(target, results, upstream.Requests);
    }

    private static async Task<DemoReport> WithKafkaAsync(DemoReport report, DemoFiles files, FlowCapture flows, CancellationToken stop)
    {
        var broker = DemoStandInBroker.Start();
        await using (broker.ConfigureAwait(false))
        {
            var sidecar = await StartAsync(
                files, files.Kafka, "app=kafka,io.kubernetes.pod.namespace=default", KafkaPort, broker.Address, new IPEndPoint(IPAddress.Loopback, 0), flows, stop).ConfigureAwait(false);
            await using (sidecar.ConfigureAwait(false))
            {
                var target = sidecar.Addresses[0];
                var results = await SendAsync(DemoRequest.Kafka, request => DemoKafkaClient.SendAsync(request, target, stop), flows).ConfigureAwait(false);
                return report with { Results = [.. report.Results, .. results], UpstreamRequests = report.UpstreamRequests + broker.Requests };
            }
        }
    }

    private static async Task<List<DemoResult>> SendAsync(IReadOnlyList<DemoRequest> requests, Func<DemoRequest, Task<string>> send, FlowCapture flows)
    {
        var results = new List<DemoResult>();
        foreach (var request in requests)
        {
            _ = flows.Take();
            var answer = await send(request).ConfigureAwait(false);
            results.Add(new DemoResult(request, answer, Deciding(flows.Take())));
        }

        return results;
    }

    /// <summary>The request's own flow, or the connection's when it never came to a request.</summary>
    private static FlowRecord? Deciding(IReadOnlyList<FlowRecord> flows) =>
        flows.LastOrDefault(f => f is { Type: FlowType.L7, IsReply: false }) ?? flows.LastOrDefault(f => f.Type == FlowType.L3L4);

    private static async Task StayAsync(CommandOutput output, DemoReport report, DemoFiles files, FlowCapture flows, StopSignal signal)
    {
        DemoReportWriter.WriteInvitation(report.Listen, files, output.Error);
        using var printer = FlowPrinter.Compact(output);
        flows.Divert = flow => Print(printer, flow);
        await signal.Stopped.ConfigureAwait(false);
        flows.Divert = null;
    }

    private static void Print(FlowPrinter printer, FlowRecord flow)
    {
        // Flows come from several connections at once, and the printer takes one at a time.
        lock (printer)
        {
            printer.OnFlow(flow);
        }
    }
}
