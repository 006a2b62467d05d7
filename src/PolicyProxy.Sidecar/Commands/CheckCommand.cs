using System.CommandLine;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Compilation.Lint;
using PolicyProxy.Sidecar.Commands.Checking;
using PolicyProxy.Sidecar.Commands.Explaining;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy check</c>: every problem of every file at once.</summary>
internal static class CheckCommand
{
    public static Verb Create(CommandOutput output)
    {
        var paths = new Argument<string[]>("PATH") { Arity = ArgumentArity.OneOrMore, Description = "Policy files, or directories of *.yaml and *.yml files." };
        var strict = new Option<bool>("--strict") { Description = "Exit 1 for warnings too." };
        var format = new Option<string>("--output", "-o") { Description = "text, json, or github (annotations for GitHub Actions).", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json", "github");
        var verb = new Verb("check", "Find mistakes and surprises in policy files; each comes with its place and its fix.")
        {
            Examples = ["policyproxy check policy.yaml", "policyproxy check --strict -o github policies/"],
            ExitCodes = "0 no errors, 1 errors found (or warnings with --strict), 2 files cannot be read or wrong usage",
        };
        verb.Add(paths);
        verb.Add(strict);
        verb.Add(format);
        verb.SetAction(parsed =>
        {
            var report = Check(parsed.GetValue(paths) ?? []);
            switch (parsed.GetValue(format))
            {
                case "json":
                    CheckReportWriter.WriteJson(report, output);
                    break;
                case "github":
                    CheckReportWriter.WriteGitHub(report, output);
                    break;
                default:
                    CheckReportWriter.WriteText(report, output);
                    break;
            }

            return report.ExitCodeFor(parsed.GetValue(strict));
        });
        return verb;
    }

    private static CheckReport Check(IReadOnlyList<string> paths)
    {
        var files = PolicyFiles.Read(paths);
        using var engine = new PolicyEngine(new PolicyCompilerOptions { Subjects = DefaultSubject.All(files.Objects) });
        // The compilation repeats what reading found, and adds what only shows when rules come together.
        var found = engine.Publish(files.Input).Diagnostics.Concat(PolicyLinter.Run(files.Objects));
        return new CheckReport(
            files.Files.Count,
            files.Objects.Policies.Count,
            [.. found.Distinct().OrderBy(d => d.File, StringComparer.Ordinal).ThenBy(d => d.Line).ThenBy(d => d.Column)]);
    }
}
