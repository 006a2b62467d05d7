using System.CommandLine;
using PolicyProxy.Sidecar.Commands.Diagnosing;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy detach</c>: takes back what an instance pinned; nothing else ever does.</summary>
internal static class DetachCommand
{
    public static Verb Create(CommandOutput output)
    {
        var name = new Argument<string?>("INSTANCE") { Arity = ArgumentArity.ZeroOrOne, Description = "The instance to remove; --list shows them." };
        var all = new Option<bool>("--all") { Description = "Remove every instance." };
        var list = new Option<bool>("--list") { Description = "Show the instances and remove nothing." };
        var kill = new Option<bool>("--kill") { Description = "End the confined processes first." };
        var force = new Option<bool>("--force") { Description = "End a proxy that is alive, too." };
        var format = new Option<string>("--output", "-o") { Description = "text or json, for --list.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var verb = new Verb("detach", "Remove the programs, pins and cgroups of an instance whose proxy is gone.")
        {
            Examples = ["policyproxy detach --list", "policyproxy detach shop", "policyproxy detach --all --kill"],
            ExitCodes = "0 nothing is left, 1 refused: processes still run, 2 wrong usage or missing rights",
        };
        verb.Add(name);
        verb.Add(all);
        verb.Add(list);
        verb.Add(kill);
        verb.Add(force);
        verb.Add(format);
        verb.SetAction(async (parsed, _) =>
        {
            var roots = InstanceRoots.Of(SystemRoots.Machine)
                ?? throw new CommandFailureException("no cgroup v2 hierarchy is mounted here, so nobody can tell what is still confined (policyproxy doctor says more)");
            var instances = Chosen(parsed.GetValue(name), parsed.GetValue(all), parsed.GetValue(list), roots);
            if (!parsed.GetValue(list))
            {
                return await RemoveAsync(instances, new DetachmentOptions(EndsWork: parsed.GetValue(kill), EndsProxy: parsed.GetValue(force)), output).ConfigureAwait(false);
            }

            if (parsed.GetValue(format) == "json")
            {
                InstanceListWriter.WriteJson(instances, output);
            }
            else
            {
                InstanceListWriter.WriteText(instances, output);
            }

            return ExitCode.Success;
        });
        return verb;
    }

    /// <summary>Removes instances one by one; one that must stay does not keep the others.</summary>
    internal static async Task<int> RemoveAsync(IReadOnlyList<Instance> instances, DetachmentOptions options, CommandOutput output)
    {
        var exitCode = ExitCode.Success;
        foreach (var instance in instances)
        {
            var detachment = new Detachment(instance, options, TimeProvider.System);
            var obstacle = await detachment.RunAsync().ConfigureAwait(false);
            foreach (var removed in detachment.Removed)
            {
                await output.Out.WriteLineAsync($"{instance.Name}: removed {removed}").ConfigureAwait(false);
            }

            if (obstacle is not null)
            {
                await output.Error.WriteLineAsync($"policyproxy: {instance.Name}: {obstacle}").ConfigureAwait(false);
                exitCode = ExitCode.Negative;
            }
            else if (detachment.Removed.Count == 0)
            {
                await output.Out.WriteLineAsync($"{instance.Name}: nothing left").ConfigureAwait(false);
            }
        }

        return exitCode;
    }

    private static IReadOnlyList<Instance> Chosen(string? name, bool all, bool list, InstanceRoots roots)
    {
        if (name is not null && all)
        {
            throw new CommandFailureException("give either the name of an instance or --all");
        }

        if (name is null)
        {
            return all || list ? Instance.All(roots) : throw new CommandFailureException("which instance? Give its name, or --all; --list shows them");
        }

        return Instance.IsName(name) ? [new Instance(roots, name)] : throw new CommandFailureException($"\"{name}\" is not the name of an instance");
    }
}
