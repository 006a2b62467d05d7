using System.CommandLine;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Launching.Summary;
using PolicyProxy.Sidecar.Launching.Trust;
using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy run</c>: runs a command that policy holds, without its knowledge or help.</summary>
internal static class RunCommand
{
    public const string Name = "run";

    /// <summary>Makes the verb.</summary>
    /// <param name="output">Where it writes.</param>
    /// <param name="enforce">Gives what holds the command to policy; null = that of this platform.</param>
    /// <param name="program">How to start this program again; null = as it was started.</param>
    /// <param name="takesOver">Name of the instance of a run whose process was killed, which is gone on with; null = a run of its own.</param>
    public static Verb Create(CommandOutput output, Func<RunOptions, IEnforcement>? enforce = null, ProgramImage? program = null, string? takesOver = null)
    {
        var command = new Argument<string[]>("CMD") { Arity = ArgumentArity.OneOrMore, Description = "The command and its arguments, after --." };
        var policy = CommonOptions.Policy();
        var inventory = CommonOptions.Inventory();
        var labels = new Option<string>("--labels", "-l") { HelpName = "LABELS", Description = "Labels of the command, whose policies are enforced: app=worker,tier=batch. Default: app=run.", DefaultValueFactory = _ => "app=run" };
        var ns = new Option<string>("--namespace", "-n") { HelpName = "NAME", Description = "Namespace of the command, unless --labels names one.", DefaultValueFactory = _ => "default" };
        var binding = CommonOptions.FqdnBinding("strict");
        var enforcing = new EnforcingOptions();
        var decryption = new DecryptionChoice();
        var audit = new Option<bool>("--audit") { Description = "Report what would be denied, and let it through." };
        var user = new Option<string?>("--user", "-u") { HelpName = "USER", Description = "Run the command as this user: NAME, UID or UID:GID." };
        var mode = new Option<string>("--mode") { Description = "transparent: the kernel enforces. proxy: the command is only told of a proxy, which it may ignore.", DefaultValueFactory = _ => "transparent" };
        mode.AcceptOnlyFromAmong("transparent", "proxy");
        var flows = new Option<string>("--flows") { Description = "Print every verdict on stderr: compact, json (Hubble's JSON lines) or none.", DefaultValueFactory = _ => "none" };
        flows.AcceptOnlyFromAmong("compact", "json", "none");
        var flowFile = new Option<string?>("--flow-file") { HelpName = "FILE", Description = "Append every verdict to this file, as Hubble's JSON lines." };
        var summary = new Option<string>("--summary") { Description = "What to print on stderr at the end: text, json (one line) or none.", DefaultValueFactory = _ => "text" };
        summary.AcceptOnlyFromAmong("text", "json", "none");
        var alone = new Option<bool>("--no-stand-in") { Description = "Do without the process that takes over if this one is killed." };
        var verb = new Verb(Name, "Run a command that can reach only what policies allow; needs root, but for --mode proxy.")
        {
            Examples = ["policyproxy run -p policy.yaml -- curl http://api.example/", "policyproxy run -p policies/ --labels app=worker --user nobody -- ./worker --once"],
            ExitCodes = "the command's own, or 128 and the number of the signal that ended it; 125 policy cannot be enforced, 126 the command cannot be executed, 127 there is no such command",
        };
        verb.Add(command);
        foreach (var option in new Option[] { policy, inventory, labels, ns, binding, audit, user, mode, flows, flowFile, summary, alone }.Concat(decryption.All).Concat(enforcing.All))
        {
            verb.Add(option);
        }

        verb.SetAction((parsed, stop) => RunAsync(
            output,
            new RunOptions
            {
                PolicyPaths = parsed.GetValue(policy) ?? [],
                InventoryPaths = parsed.GetValue(inventory) ?? [],
                Labels = SubjectLabels.Parse(parsed.GetRequiredValue(labels), parsed.GetRequiredValue(ns)),
                FqdnBinding = CommonOptions.Binding(parsed.GetValue(binding)),
                CiliumCompatible = enforcing.IsCiliumCompatible(parsed),
                Kafka = enforcing.Kafka(parsed),
                Audit = parsed.GetValue(audit),
                Mode = parsed.GetValue(mode) == "proxy" ? RunMode.Proxy : RunMode.Transparent,
                Observers = [],
            },
            new RunRequest(parsed.GetValue(command) ?? [], parsed.GetValue(user))
            {
                Flows = parsed.GetValue(flows) ?? "none",
                FlowFile = parsed.GetValue(flowFile),
                Summary = parsed.GetValue(summary) ?? "text",
                Enforce = enforce ?? (static held => new KernelEnforcement(held)),
                Program = program,
                Decrypts = decryption.IsWanted(parsed),
                Roots = decryption.Roots(parsed),
                Secrets = enforcing.Secrets(parsed),
                TakesOver = takesOver,
                IsAlone = parsed.GetValue(alone),
            },
            stop));
        return verb;
    }

    private static async Task<int> RunAsync(CommandOutput output, RunOptions options, RunRequest request, CancellationToken stop)
    {
        try
        {
            if (options.Mode == RunMode.Transparent)
            {
                RunRights.Demand();
                BpfObject.OpenAhead();
            }

            // Nothing is tried in advance where nothing could be refused.
            var (found, implicitPolicy, hasRequestRules) = Judge(options, output);
            IReadOnlyList<Launching.Confining.ProbeTarget> denied = options.Mode == RunMode.Proxy ? [] : found;
            if (implicitPolicy is not null)
            {
                await output.Error.WriteLineAsync(
                    "policyproxy: policies with toFQDNs and without a dns rule: queries for these names, and no others, are allowed to the resolvers of /etc/resolv.conf").ConfigureAwait(false);
            }

            if (denied.Count == 0 && !options.Audit && options.Mode == RunMode.Transparent)
            {
                await output.Error.WriteLineAsync(
                    "policyproxy: no refused connection could be seen before the start: policy denies none of the addresses kept for documentation").ConfigureAwait(false);
            }

            // The command trusts the authority of the process that is gone.
            var decryption = DecryptionChoice.Create(request.Decrypts && hasRequestRules && request.TakesOver is null, request.Roots, request.Secrets);
            using var authority = decryption.Authority;
            using var trust = authority is null ? null : CommandTrust.Create(authority, decryption.Trust, RawArguments.Environment());
            foreach (var message in trust?.Messages ?? [])
            {
                await output.Error.WriteLineAsync($"policyproxy: {message}").ConfigureAwait(false);
            }

            var summary = new RunSummary(denied);
            using var printer = request.Flows switch
            {
                "compact" => FlowPrinter.Compact(output with { Out = output.Error, UsesColour = false }),
                "json" => FlowPrinter.Json(output with { Out = output.Error }),
                _ => null,
            };
            var log = request.FlowFile is null ? null : new FlowLog();
            var file = log is null ? null : FlowFileWriter.Open(request.FlowFile!, log, log.Start);
            try
            {
                var observed = options with
                {
                    ImplicitPolicy = implicitPolicy,
                    Decryption = decryption,
                    Variables = trust?.Variables,
                    Observers = [.. new IFlowObserver?[] { summary, printer, log }.OfType<IFlowObserver>()],

                    // What audit lets through looks allowed to the kernel, but has to be told.
                    OnAllowedByKernel = printer is null && log is null && !options.Audit ? summary.AddAllowed : null,
                };
                var exitCode = await RunAsync(observed, request, denied, output.Error, stop).ConfigureAwait(false);
                Report(summary, request.Summary, output);
                return exitCode;
            }
            finally
            {
                if (file is not null)
                {
                    await file.DisposeAsync().ConfigureAwait(false);
                }
            }
        }
        catch (Exception problem) when (problem is EnforcementException or CommandFailureException or SidecarStartException)
        {
            // Not 2: that may be an answer of the command's. Only now: a start that succeeds does not wait for checks.
            var reason = problem is EnforcementException && options.Mode == RunMode.Transparent
                ? MachineRequirements.Explain(problem.Message, RequiredFor.Run, output.Error)
                : problem.Message;
            await output.Error.WriteLineAsync($"policyproxy: {reason}").ConfigureAwait(false);
            return ExitCode.NotEnforced;
        }
    }

    private static async Task<int> RunAsync(
        RunOptions options, RunRequest request, IReadOnlyList<Launching.Confining.ProbeTarget> denied, TextWriter messages, CancellationToken stop)
    {
        if (request.TakesOver is { } instance)
        {
            await new TakenOverSession(request.Enforce(options), messages).RunAsync(instance, stop).ConfigureAwait(false);
            return ExitCode.Success;
        }

        var program = request.Program ?? ProgramImage.Current;
        return options.Mode == RunMode.Proxy
            ? await new CooperativeSession(options, program, messages).RunAsync(request.Command, request.User, stop).ConfigureAwait(false)
            : await new RunSession(request.Enforce(options), program, messages, request.IsAlone ? null : RawArguments.Before(Name, request.Command.Count))
                .RunAsync(request.Command, request.User, denied, options.Variables, stop).ConfigureAwait(false);
    }

    /// <summary>Finds mistakes in the policies before anything is changed, what they deny, and the rule for DNS that they lack.</summary>
    private static (IReadOnlyList<Launching.Confining.ProbeTarget> Denied, string? ImplicitPolicy, bool HasRequestRules) Judge(RunOptions options, CommandOutput output)
    {
        var files = PolicyFiles.Read(options.PolicyPaths.Concat(options.InventoryPaths));
        using var engine = new PolicyEngine(new PolicyCompilerOptions { CiliumCompatible = options.CiliumCompatible });
        PolicyFiles.ThrowIfRefused(engine.Publish(files.Input), output);
        var subject = engine.Identities.GetWorkload(options.Labels);
        var own = LocalNetwork.Addresses();
        engine.Identities.SetLocalAddresses(own);
        var implicitPolicy = options.Mode == RunMode.Proxy ? null : ImplicitDns.PolicyFor(engine, subject, SystemResolvers.Read(), own);
        return (ProbeChoice.Choose(engine, subject, options.Audit), implicitPolicy, DecryptionChoice.IsNeeded(engine, subject));
    }

    private static void Report(RunSummary summary, string format, CommandOutput output)
    {
        switch (format)
        {
            case "text":
                RunSummaryWriter.WriteText(summary, output.Error);
                break;
            case "json":
                RunSummaryWriter.WriteJson(summary, output.Error);
                break;
        }
    }

    private sealed record RunRequest(IReadOnlyList<string> Command, string? User)
    {
        public required string Flows { get; init; }

        public required string? FlowFile { get; init; }

        public required string Summary { get; init; }

        public required Func<RunOptions, IEnforcement> Enforce { get; init; }

        public required ProgramImage? Program { get; init; }

        public required bool Decrypts { get; init; }

        public required IReadOnlyList<string> Roots { get; init; }

        public required string? Secrets { get; init; }

        public required string? TakesOver { get; init; }

        public required bool IsAlone { get; init; }
    }
}
