using System.CommandLine;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Options that mean the same in every verb that has them.</summary>
internal static class CommonOptions
{
    public static Option<string[]> Policy() => new("--policy", "-p")
    {
        HelpName = "PATH",
        Description = "Policy file, or directory of *.yaml and *.yml files; may be repeated.",
        Required = true,
    };

    public static Option<string[]> Inventory() => new("--inventory", "-i")
    {
        HelpName = "PATH",
        Description = "File or directory with the Pods, Namespaces, Nodes and Services the policies speak of; may be repeated.",
    };

    public static Option<string> Format()
    {
        var format = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        return format;
    }
}
