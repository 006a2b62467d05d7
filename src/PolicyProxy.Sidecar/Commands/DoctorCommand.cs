using System.CommandLine;
using PolicyProxy.Sidecar.Commands.Diagnosing;
using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy doctor</c>: whether this machine can redirect traffic in the kernel, and how to make it.</summary>
internal static class DoctorCommand
{
    public static Verb Create(CommandOutput output)
    {
        var verbs = new Option<string?>("--for") { Description = "run or sidecar (with --transparent); without it, both must work." };
        verbs.AcceptOnlyFromAmong("run", "sidecar");
        var format = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        var verb = new Verb("doctor", "Check whether this machine can redirect traffic in the kernel; what is missing comes with its fix.")
        {
            Examples = ["policyproxy doctor", "policyproxy doctor --for sidecar -o json"],
            ExitCodes = "0 what was asked about works, 1 something is missing, 2 wrong usage",
        };
        verb.Add(verbs);
        verb.Add(format);
        verb.SetAction(parsed =>
        {
            var asked = parsed.GetValue(verbs) switch
            {
                "run" => RequiredFor.Run,
                "sidecar" => RequiredFor.Sidecar,
                _ => RequiredFor.Both,
            };
            var found = MachineRequirements.Check(SystemRoots.Machine, asked);
            if (parsed.GetValue(format) == "json")
            {
                DoctorReportWriter.WriteJson(found, asked, output);
            }
            else
            {
                DoctorReportWriter.WriteText(found, asked, output);
            }

            return found.Any(requirement => requirement.Stops(asked)) ? ExitCode.Negative : ExitCode.Success;
        });
        return verb;
    }
}
