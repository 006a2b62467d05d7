using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Parsing;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>
/// The command line: one verb per file. Whatever goes wrong ends as one line on stderr that starts with <c>policyproxy:</c>; the
/// stack trace follows only with <c>POLICYPROXY_DEBUG=1</c>.
/// </summary>
internal static class PolicyProxyCommandLine
{
    // An argument such as @file is the command's own affair, not a file with more arguments.
    private static readonly ParserConfiguration s_parsing = new() { ResponseFileTokenReplacer = null };

    /// <summary>Runs one command line to its end.</summary>
    /// <returns>An <see cref="ExitCode"/>.</returns>
    public static int Invoke(IReadOnlyList<string> args, TextWriter stdout, TextWriter stderr) =>
        InvokeAsync(args, stdout, stderr, CancellationToken.None).GetAwaiter().GetResult();

    /// <inheritdoc cref="Invoke"/>
    /// <param name="args">Arguments without the program's name.</param>
    /// <param name="stdout">Receives the answer.</param>
    /// <param name="stderr">Receives problems and progress.</param>
    /// <param name="stop">Ends verbs that stay up, as Ctrl+C does.</param>
    /// <param name="enforce">What holds the command of <c>run</c> to policy; null = that of this platform.</param>
    /// <param name="program">How <c>run</c> starts this program again; null = as it was started.</param>
    /// <param name="takesOver">Instance of a killed <c>run</c> that this one goes on with; null = it is one of its own.</param>
    public static async Task<int> InvokeAsync(
        IReadOnlyList<string> args,
        TextWriter stdout,
        TextWriter stderr,
        CancellationToken stop,
        Func<RunOptions, IEnforcement>? enforce = null,
        ProgramImage? program = null,
        string? takesOver = null)
    {
        // For run the console must not even be looked at: it would set up the terminal, which is the command's.
        var output = args is [RunCommand.Name, ..] ? new CommandOutput(stdout, stderr, UsesColour: false) : CommandOutput.For(stdout, stderr);

        // Before the tree of commands is built: version is what scripts call in loops.
        if (args is ["--version"] or ["version"])
        {
            return VersionCommand.Print(output);
        }

        try
        {
            var parsed = Create(output, enforce, program, takesOver).Parse(args, s_parsing);
            if (parsed.Action is not VerbHelp && (parsed.Errors.Count > 0 || MistypedOption(parsed) is not null))
            {
                return Refuse(parsed, output);
            }

            var configuration = new InvocationConfiguration
            {
                Output = stdout,
                Error = stderr,
                EnableDefaultExceptionHandler = false,
                // Verbs that stay up watch the signals themselves, to drain before they leave.
                ProcessTerminationTimeout = null,
            };
            return await parsed.InvokeAsync(configuration, stop).ConfigureAwait(false);
        }
        catch (Exception problem) // the last line of defence of a process: nothing above could do better than report
        {
            await stderr.WriteLineAsync("policyproxy: " + OneLine(problem)).ConfigureAwait(false);
            if (Environment.GetEnvironmentVariable("POLICYPROXY_DEBUG") == "1")
            {
                await stderr.WriteLineAsync(problem.ToString()).ConfigureAwait(false);
            }

            return ExitCode.Failure;
        }
    }

    /// <summary>The tree of verbs and options.</summary>
    internal static Command Create(CommandOutput output, Func<RunOptions, IEnforcement>? enforce = null, ProgramImage? program = null, string? takesOver = null)
    {
        // Not a RootCommand: that would be named after the executable file and bring a --version of its own.
        var root = new Verb("policyproxy", "Enforces CiliumNetworkPolicy YAML at layer 7: default deny, and every verdict names its rule.")
        {
            Examples =
            [
                "policyproxy demo",
                "policyproxy check policies/",
                "policyproxy explain -p policies/ --from app=frontend \"GET http://api:8080/api/health\"",
            ],
        };
        root.Add(CheckCommand.Create(output));
        root.Add(DemoCommand.Create(output));
        root.Add(DetachCommand.Create(output));
        root.Add(DoctorCommand.Create(output));
        root.Add(ExplainCommand.Create(output));
        root.Add(RunCommand.Create(output, enforce, program, takesOver));
        root.Add(SidecarCommand.Create(output));
        root.Add(VersionCommand.Create(output));

        var help = new HelpOption("--help", "-h");
        help.Action = new VerbHelp((HelpAction)help.Action!);
        root.Add(help);
        root.Add(new Option<bool>("--version") { Description = "Print the version." });
        return root;
    }

    private static int Refuse(ParseResult parsed, CommandOutput output)
    {
        var path = CommandPath(parsed.CommandResult);
        if (parsed.Tokens.Count == 0)
        {
            // No arguments at all: somebody's first run. Show what there is.
            parsed.CommandResult.Command.Parse(["--help"]).Invoke(new InvocationConfiguration { Output = output.Error, Error = output.Error });
            return ExitCode.Failure;
        }

        output.Error.WriteLine("policyproxy: " + Describe(parsed));
        output.Error.WriteLine($"See \"{path} --help\".");

        // Of run, 2 may be an answer of the command's.
        return parsed.CommandResult.Command.Name == RunCommand.Name ? ExitCode.NotEnforced : ExitCode.Failure;
    }

    private static string Describe(ParseResult parsed)
    {
        var command = parsed.CommandResult.Command;
        if ((MistypedOption(parsed) ?? (parsed.UnmatchedTokens is [var first, ..] ? first : null)) is not { } word)
        {
            return parsed.Errors[0].Message.TrimEnd('.');
        }

        var isOption = word.StartsWith('-');
        var known = isOption
            ? command.Options.Select(o => o.Name)
            : command.Subcommands.Select(c => c.Name);
        var what = isOption ? "option" : command.Subcommands.Count > 0 ? "command" : "argument";
        return Suggestion.For(word, known) is { } meant ? $"unknown {what} \"{word}\", did you mean \"{meant}\"?" : $"unknown {what} \"{word}\"";
    }

    /// <summary>An argument that looks like an option: the parser hands what it does not know to verbs that take a list of words.</summary>
    private static string? MistypedOption(ParseResult parsed)
    {
        var isAfterSeparator = parsed.Tokens.Any(t => t.Type == TokenType.DoubleDash);
        return isAfterSeparator
            ? null
            : parsed.CommandResult.Children
                .OfType<ArgumentResult>()
                .SelectMany(a => a.Tokens)
                .Select(t => t.Value)
                .FirstOrDefault(v => v.Length > 1 && v[0] == '-');
    }

    private static string CommandPath(CommandResult result)
    {
        var names = new List<string>();
        for (SymbolResult? node = result; node is CommandResult command; node = node.Parent)
        {
            names.Insert(0, command.Command.Name);
        }

        return string.Join(' ', names);
    }

    private static string OneLine(Exception problem)
    {
        var text = problem.Message.ReplaceLineEndings(" ").TrimEnd('.', ' ');
        return problem is CommandFailureException or IOException or UnauthorizedAccessException ? text : $"unexpected error: {text} (set POLICYPROXY_DEBUG=1 for details)";
    }
}
