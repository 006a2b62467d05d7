namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy version</c>.</summary>
internal static class VersionCommand
{
    public static Verb Create(CommandOutput output)
    {
        var verb = new Verb("version", "Print the version.");
        verb.SetAction(_ => Print(output));
        return verb;
    }

    public static int Print(CommandOutput output)
    {
        output.Out.WriteLine("policyproxy " + ProductVersion.Text);
        return ExitCode.Success;
    }
}
