using System.CommandLine;
using PolicyProxy.Policy.Identities;

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

    /// <summary>What <c>toFQDNs</c> is true to; read it with <see cref="Binding"/>.</summary>
    /// <param name="standard"><c>strict</c> or <c>cilium</c>.</param>
    public static Option<string> FqdnBinding(string standard)
    {
        var binding = new Option<string>("--fqdn-binding")
        {
            Description = "What toFQDNs allows. strict: the name, which the connection has to show (TLS server name, HTTP host). cilium: every address the name has.",
            DefaultValueFactory = _ => standard,
        };
        binding.AcceptOnlyFromAmong("strict", "cilium");
        return binding;
    }

    /// <summary>The value of <see cref="FqdnBinding"/>.</summary>
    public static FqdnBinding Binding(string? value) => value == "strict" ? PolicyProxy.Policy.Identities.FqdnBinding.Strict : PolicyProxy.Policy.Identities.FqdnBinding.Cilium;

    /// <summary>Whose answer counts where Cilium's is not ours; read it with <see cref="IsCilium"/>.</summary>
    public static Option<string> Compat()
    {
        var compat = new Option<string>("--compat")
        {
            Description = "cilium: Cilium's answer where it fails open, and its way of judging Kafka requests. none: fail closed.",
            DefaultValueFactory = _ => "none",
        };
        compat.AcceptOnlyFromAmong("none", "cilium");
        return compat;
    }

    /// <summary>The value of <see cref="Compat"/>.</summary>
    public static bool IsCilium(string? value) => value == "cilium";

    public static Option<string> Format()
    {
        var format = new Option<string>("--output", "-o") { Description = "text or json.", DefaultValueFactory = _ => "text" };
        format.AcceptOnlyFromAmong("text", "json");
        return format;
    }
}
