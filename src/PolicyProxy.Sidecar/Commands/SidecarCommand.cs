using System.CommandLine;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.NameResolution;
using PolicyProxy.Sidecar.Relay;
using PolicyProxy.Sidecar.Relay.Handover;
using PolicyProxy.Sidecar.Supervising;

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
        var listen = new Option<string[]>("--listen") { HelpName = "ADDRESS", Description = "Address clients connect to: 127.0.0.1:8080, [::1]:8080, or :8080 for every address; may be repeated." };
        var upstream = new Option<string>("--upstream") { HelpName = "HOST:PORT", Description = "Where allowed requests go: host:port." };
        var policyPort = new Option<ushort?>("--policy-port") { HelpName = "NUMBER", Description = "Port the policies speak of. Default: the upstream's." };
        var audit = new Option<bool>("--audit") { Description = "Report what would be denied, and let it through." };
        var flows = new Option<string>("--flows") { Description = "Print every verdict on stdout: compact, json (Hubble's JSON lines) or none.", DefaultValueFactory = _ => "compact" };
        flows.AcceptOnlyFromAmong("compact", "json", "none");
        var flowFile = new Option<string?>("--flow-file") { HelpName = "FILE", Description = "Append every verdict to this file, as Hubble's JSON lines." };
        var drain = new Option<double>("--drain-timeout") { HelpName = "SECONDS", Description = "Longest wait in seconds for running requests when stopping.", DefaultValueFactory = _ => 30 };
        var handover = new Option<string?>("--handover") { HelpName = "SOCKET", Description = "Take the listening sockets over from the sidecar that serves at this Unix socket, and offer them there: an upgrade loses no connection." };
        var maxConnections = new Option<int>("--max-connections") { HelpName = "NUMBER", Description = "Client connections at a time; more are reset. Default: half of the open-file limit." };
        var dnsListen = new Option<string[]>("--dns-listen") { HelpName = "ADDRESS", Description = "Address DNS clients are told to ask, over UDP and TCP: 127.0.0.1:53; may be repeated." };
        var dnsUpstream = new Option<string[]>("--dns-upstream") { HelpName = "ADDRESS", Description = "Resolver that allowed queries go to: 10.96.0.10:53; may be repeated, the first that answers is asked." };
        var dnsDenied = new Option<string>("--dns-denied") { Description = "How denied queries are answered: refused or nxdomain.", DefaultValueFactory = _ => "refused" };
        dnsDenied.AcceptOnlyFromAmong("refused", "nxdomain");
        var dnsStripEch = new Option<bool>("--dns-strip-ech") { Description = "Take the keys for Encrypted Client Hello out of answers, so that clients show the server names policy judges." };
        var binding = CommonOptions.FqdnBinding("cilium");
        var enforcing = new EnforcingOptions();
        var dnsState = new Option<string?>("--dns-state") { HelpName = "FILE", Description = "Keep the names that DNS answers taught in this file, for the next process. Default with --transparent: /run/policyproxy/NAME.names, otherwise none." };
        var supervise = new Option<bool>("--supervise") { Description = "Serve in a process of its own, and start another whenever it dies; meanwhile connections and queries wait for it." };
        var transparent = new Option<bool>("--transparent") { Description = "The kernel redirects the workload's traffic here; needs root. Instead of --listen and --upstream." };
        var instance = new Option<string>("--instance") { HelpName = "NAME", Description = "With --transparent: name of the cgroups and pins, taken over by the next process of that name.", DefaultValueFactory = _ => "sidecar" };
        var workload = new Option<string?>("--workload-cgroup") { HelpName = "DIRECTORY", Description = "With --transparent: cgroup v2 directory of the workload. Default: policyproxy/NAME/workload, made if missing." };
        var proxyCgroup = new Option<string?>("--proxy-cgroup") { HelpName = "DIRECTORY", Description = "With --transparent: cgroup v2 directory this process moves into, unless it is there. Default: policyproxy/NAME/proxy, made if missing." };
        var pod = new Option<bool>("--pod") { Description = "With --transparent: the network namespace is the workload's own, so inbound connections are judged here too and loopback is free." };
        var detach = new Option<bool>("--detach-on-exit") { Description = "With --transparent: end the policy with this process. Default: it stays in force, and what needs the proxy is refused." };
        var identity = new ListenerIdentity();
        var verb = new Verb("sidecar", "Enforce policies in front of one server; policy files are followed while it runs.")
        {
            Examples = ["policyproxy sidecar -p policies/ --labels app=api --listen :8080 --upstream 127.0.0.1:9000", "policyproxy sidecar -p policies/ --labels app=api --transparent --pod --workload-cgroup /sys/fs/cgroup/pod/app"],
            ExitCodes = "0 stopped by Ctrl+C or SIGTERM, or handed over; 2 could not start",
        };
        foreach (var option in new Option[] { policy, inventory, labels, ns, listen, upstream, policyPort, audit, flows, flowFile, drain, handover, maxConnections, dnsListen, dnsUpstream, dnsDenied, dnsStripEch, binding, dnsState, supervise, transparent, instance, workload, proxyCgroup, pod, detach }.Concat(identity.All).Concat(enforcing.All))
        {
            verb.Add(option);
        }

        verb.Validators.Add(result =>
        {
            var isTransparent = result.GetValue(transparent);
            var takesQueries = result.GetResult(dnsListen) is { Implicit: false };
            if (takesQueries != result.GetResult(dnsUpstream) is { Implicit: false })
            {
                result.AddError($"{dnsListen.Name} and {dnsUpstream.Name} need each other.");
            }

            if (takesQueries && result.GetResult(listen) is null && result.GetResult(upstream) is null)
            {
                return; // for DNS only
            }

            foreach (var option in new Option[] { listen, upstream })
            {
                var isGiven = result.GetResult(option) is { Implicit: false };
                if (isGiven == isTransparent)
                {
                    result.AddError(isGiven ? $"{option.Name} and --transparent exclude each other." : $"Option '{option.Name}' is required.");
                }
            }
        });

        verb.SetAction((parsed, stop) => parsed.GetValue(supervise) ? SuperviseAsync(parsed, supervise.Name, output, stop) : RunAsync(
            output,
            new SidecarOptions
            {
                PolicyPaths = parsed.GetValue(policy) ?? [],
                InventoryPaths = parsed.GetValue(inventory) ?? [],
                Labels = SubjectLabels.Parse(parsed.GetRequiredValue(labels), parsed.GetRequiredValue(ns)),
                Listen = [.. (parsed.GetValue(listen) ?? []).Select(ListenAddress.Parse)],
                Upstream = parsed.GetValue(upstream) is { } to ? ListenAddress.ParseUpstream(to) : null,
                PolicyPort = parsed.GetValue(policyPort),
                DnsListen = [.. (parsed.GetValue(dnsListen) ?? []).Select(ListenAddress.Parse)],
                DnsUpstreams = [.. (parsed.GetValue(dnsUpstream) ?? []).Select(ListenAddress.Parse)],
                DnsDeniedCode = parsed.GetValue(dnsDenied) == "nxdomain" ? DnsResponseCode.NameError : DnsResponseCode.Refused,
                Dns = new DnsProxyOptions { StripsEch = parsed.GetValue(dnsStripEch) },
                FqdnBinding = CommonOptions.Binding(parsed.GetValue(binding)),
                CiliumCompatible = enforcing.IsCiliumCompatible(parsed),
                Kafka = enforcing.Kafka(parsed),
                Decryption = DecryptionChoice.Create(isNeeded: false, [], enforcing.Secrets(parsed)),
                ListenerSecret = identity.Secret(parsed),
                TrustDomains = identity.TrustDomains(parsed),
                Audit = parsed.GetValue(audit),
                DrainLimit = DrainLimit(parsed.GetValue(drain)),
                HandoverPath = parsed.GetValue(handover),
                NamesPath = parsed.GetValue(dnsState),
                Relay = new RelayOptions { MaxConnections = MaxConnections(parsed.GetValue(maxConnections)) },
            },
            parsed.GetValue(transparent)
                ? new TransparentRequest
                {
                    Instance = parsed.GetValue(instance) ?? "sidecar",
                    WorkloadCgroup = parsed.GetValue(workload),
                    ProxyCgroup = parsed.GetValue(proxyCgroup),
                    IsPod = parsed.GetValue(pod),
                    DetachesOnExit = parsed.GetValue(detach),
                }
                : null,
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

    // The worker gets what the supervisor was given.
    private static async Task<int> SuperviseAsync(ParseResult parsed, string option, CommandOutput output, CancellationToken stop)
    {
        using var supervisor = new Supervisor(ProgramImage.Current, [.. parsed.Tokens.Select(static token => token.Value).Where(word => word != option)], output);
        return await supervisor.RunAsync(stop).ConfigureAwait(false);
    }

    private static async Task<int> RunAsync(
        CommandOutput output, SidecarOptions options, TransparentRequest? transparent, string flows, string? flowFile, CancellationToken stop)
    {
        using var keeper = Environment.GetEnvironmentVariable(SocketKeeper.Variable) is { Length: > 0 } keeping ? KeptSockets.Connect(keeping) : null;
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _ = keeper?.Gone.ContinueWith(_ => stopping.Cancel(), CancellationToken.None, TaskContinuationOptions.ExecuteSynchronously, TaskScheduler.Default);

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
            var complete = options with { Keeper = keeper, Configure = builder => Observe(builder, printer, log) };
            if (transparent is null)
            {
                await SidecarServer.RunAsync(complete, server => Announce(output, options, server), stopping.Token).ConfigureAwait(false);
            }
            else
            {
                await TransparentSidecar.RunAsync(complete, transparent, output, server => Announce(output, options, server), stopping.Token).ConfigureAwait(false);
            }

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
        if (server.NamesWarning.Length > 0)
        {
            output.Error.WriteLine($"policyproxy: warning: {server.NamesWarning}");
        }

        var labels = options.Labels.Text.Replace("k8s:", string.Empty, StringComparison.Ordinal).Replace(';', ',');
        if (server.DnsAddresses.Count > 0)
        {
            output.Error.WriteLine($"policyproxy: taking DNS queries at {string.Join(", ", server.DnsAddresses)}, {mode} {policies} for {labels}");
        }

        if (server.DnsCounters is null && MissingDns.WarningFor(engine, options.Labels) is { Length: > 0 } missing)
        {
            output.Error.WriteLine($"policyproxy: warning: {missing}");
        }

        if (options.Upstream is null)
        {
            if (server.EgressAddresses.Count + server.IngressAddresses.Count == 0)
            {
                return;
            }

            // Last: whoever waits for this line may start the workload.
            var ports = server.EgressAddresses.Concat(server.IngressAddresses).Select(static address => address.Port).Distinct();
            output.Error.WriteLine($"policyproxy: redirecting to ports {string.Join(", ", ports)}, {mode} {policies} for {labels}");
            return;
        }

        output.Error.WriteLine($"policyproxy: listening on {string.Join(", ", server.Addresses)}, {mode} {policies} for {labels}, upstream {options.Upstream.Authority}");
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
