using System.CommandLine;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy sidecar</c>: enforces policies in front of one upstream until it is stopped.</summary>
internal static class SidecarCommand
{
    public static Verb Create(CommandOutput output)
    {
        var policy = CommonOptions.Policy();
        var inventory = CommonOptions.Inventory();
        var labels = new Option<string>("--labels", "-l") { HelpName = "LABELS", Required = true, Description = "Labels of the workload behind the sidecar, whose policies are enforced: app=api,tier=web." };
        var ns = new Option<string>("--namespace", "-n") { HelpName = "NAME", Description = "Namespace of the workload, unless --labels names one.", DefaultValueFactory = _ => "default" };
        var listen = new Option<string[]>("--listen") { HelpName = "ADDRESS", Required = true, Description = "Address clients connect to: 127.0.0.1:8080, [::1]:8080, or :8080 for every address; may be repeated." };
        var upstream = new Option<string>("--upstream") { HelpName = "HOST:PORT", Required = true, Description = "Where allowed requests go: host:port." };
        var policyPort = new Option<ushort?>("--policy-port") { HelpName = "NUMBER", Description = "Port the policies speak of. Default: the upstream's." };
        var audit = new Option<bool>("--audit") { Description = "Report what would be denied, and let it through." };
        var flows = new Option<string>("--flows") { Description = "Print every verdict on stdout: compact, json (Hubble's JSON lines) or none.", DefaultValueFactory = _ => "compact" };
        flows.AcceptOnlyFromAmong("compact", "json", "none");
        var flowFile = new Option<string?>("--flow-file") { HelpName = "FILE", Description = "Append every verdict to this file, as Hubble's JSON lines." };
        var drain = new Option<double>("--drain-timeout") { HelpName = "SECONDS", Description = "Longest wait in seconds for running requests when stopping.", DefaultValueFactory = _ => 30 };
        var handover = new Option<string?>("--handover") { HelpName = "SOCKET", Description = "Take the listening sockets over from the sidecar that serves at this Unix socket, and offer them there: an upgrade loses no connection." };
        var maxConnections = new Option<int>("--max-connections") { HelpName = "NUMBER", Description = "Client connections at a time; more are reset. Default: half of the open-file limit." };
        var verb = new Verb("sidecar", "Enforce policies in front of one server; policy files are followed while it runs.")
        {
            Examples = ["policyproxy sidecar -p policies/ --labels app=api --listen :8080 --upstream 127.0.0.1:9000"],
            ExitCodes = "0 stopped by Ctrl+C or SIGTERM, or handed over; 2 could not start",
        };
        foreach (var option in new Option[] { policy, inventory, labels, ns, listen, upstream, policyPort, audit, flows, flowFile, drain, handover, maxConnections })
        {
            verb.Add(option);
        }

        verb.SetAction((parsed, stop) => RunAsync(
            output,
            new SidecarOptions
            {
                PolicyPaths = parsed.GetValue(policy) ?? [],
                InventoryPaths = parsed.GetValue(inventory) ?? [],
                Labels = SubjectLabels.Parse(parsed.GetRequiredValue(labels), parsed.GetRequiredValue(ns)),
                Listen = [.. (parsed.GetValue(listen) ?? []).Select(ListenAddress.Parse)],
                Upstream = ListenAddress.ParseUpstream(parsed.GetRequiredValue(upstream)),
                PolicyPort = parsed.GetValue(policyPort),
                Audit = parsed.GetValue(audit),
                DrainLimit = DrainLimit(parsed.GetValue(drain)),
                HandoverPath = parsed.GetValue(handover),
                Relay = new RelayOptions { MaxConnections = MaxConnections(parsed.GetValue(maxConnections)) },
            },
            parsed.GetValue(flows) ?? "none",
            parsed.GetValue(flowFile),
            stop));
        return verb;
    }

    private static TimeSpan DrainLimit(double seconds) => seconds is >= 0 and <= 86_400
        ? TimeSpan.FromSeconds(seconds)
        : throw new CommandFailureException("--drain-timeout is a number of seconds from 0 to 86400");

    private static int MaxConnections(int number) => number >= 0
        ? number
        : throw new CommandFailureException("--max-connections is a number from 1, or 0 for what the open-file limit allows");

    private static async Task<int> RunAsync(CommandOutput output, SidecarOptions options, string flows, string? flowFile, CancellationToken stop)
    {
        // Found out before anything listens, and in the words of the other verbs.
        _ = PolicyFiles.Read(options.PolicyPaths.Concat(options.InventoryPaths));
        using var printer = flows switch
        {
            "compact" => FlowPrinter.Compact(output),
            "json" => FlowPrinter.Json(output),
            _ => null,
        };
        var log = flowFile is null ? null : new FlowLog();
        var file = log is null ? null : FlowFileWriter.Open(flowFile!, log, log.Start);
        try
        {
            var complete = options with { Configure = builder => Observe(builder, printer, log) };
            await SidecarServer.RunAsync(complete, server => Announce(output, options, server), stop).ConfigureAwait(false);
            return ExitCode.Success;
        }
        catch (SidecarStartException problem)
        {
            throw new CommandFailureException(problem.Message);
        }
        finally
        {
            if (file is not null)
            {
                await file.DisposeAsync().ConfigureAwait(false);
            }
        }
    }

    private static void Observe(IPolicyProxyBuilder builder, params IEnumerable<IFlowObserver?> observers)
    {
        foreach (var observer in observers.OfType<IFlowObserver>())
        {
            builder.Services.AddSingleton(observer);
        }
    }

    private static void Announce(CommandOutput output, SidecarOptions options, SidecarServer server)
    {
        var engine = server.Services.GetRequiredService<PolicyEngine>();
        var count = engine.Current?.PolicyCount ?? 0;
        var policies = count == 1 ? "1 policy" : $"{count} policies";
        var mode = options.Audit ? "auditing" : "enforcing";
        var labels = options.Labels.Text.Replace("k8s:", string.Empty, StringComparison.Ordinal).Replace(';', ',');
        output.Error.WriteLine($"policyproxy: listening on {string.Join(", ", server.Addresses)}, {mode} {policies} for {labels}, upstream {options.Upstream?.Authority}");
        if (!IsEnforced(engine, options.Labels))
        {
            // Cilium's meaning, but on a first run most likely a label or a namespace with a mistake in it.
            output.Error.WriteLine("policyproxy: warning: no policy selects these labels for ingress, so everything is let through; check --labels and --namespace");
        }
    }

    private static bool IsEnforced(PolicyEngine engine, LabelSet labels)
    {
        var connection = new ConnectionTuple
        {
            Direction = TrafficDirection.Ingress,
            Subject = engine.Identities.GetWorkload(labels),
            Peer = engine.Identities.GetReserved(ReservedLabels.World),
            Protocol = TransportProtocol.Tcp,
            Port = 1,
        };
        return new PolicyGate(engine, new FlowPublisher(), TimeProvider.System).Connect(connection, out _).Reason != VerdictReason.NotEnforced;
    }
}
