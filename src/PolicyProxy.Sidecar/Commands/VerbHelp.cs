using System.CommandLine;
using System.CommandLine.Help;
using System.CommandLine.Invocation;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>The usual help, followed by examples and exit codes.</summary>
internal sealed class VerbHelp(HelpAction usual) : SynchronousCommandLineAction
{
    public override bool ClearsParseErrors => true;

    public override int Invoke(ParseResult parseResult)
    {
        usual.Invoke(parseResult);
        if (parseResult.CommandResult.Command is not Verb verb)
        {
            return ExitCode.Success;
        }

        var output = parseResult.InvocationConfiguration.Output;
        if (verb.Examples.Count > 0)
        {
            output.WriteLine("Examples:");
            foreach (var line in verb.Examples)
            {
                output.WriteLine("  " + line);
            }

            output.WriteLine();
        }

        if (verb.ExitCodes.Length > 0)
        {
            output.WriteLine("Exit codes:");
            output.WriteLine("  " + verb.ExitCodes);
        }

        return ExitCode.Success;
    }
}
