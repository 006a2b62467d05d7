using System.Security.Cryptography;
using System.Text;
using Microsoft.Extensions.Primitives;
using PolicyProxy.Policy.Model;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.DependencyInjection;

/// <summary>Several sources as one input: objects and diagnostics in the order of registration. A change of one is a change of all.</summary>
internal sealed class CompositePolicySource(IReadOnlyList<IPolicySource> sources) : IPolicySource
{
    public PolicyInput GetPolicies()
    {
        var inputs = sources.Select(static source => source.GetPolicies()).ToList();
        var objects = new PolicyObjects
        {
            Policies = [.. inputs.SelectMany(static input => input.Objects.Policies)],
            CidrGroups = [.. inputs.SelectMany(static input => input.Objects.CidrGroups)],
            Services = [.. inputs.SelectMany(static input => input.Objects.Services)],
            Pods = [.. inputs.SelectMany(static input => input.Objects.Pods)],
            Namespaces = [.. inputs.SelectMany(static input => input.Objects.Namespaces)],
            Nodes = [.. inputs.SelectMany(static input => input.Objects.Nodes)],
            Secrets = [.. inputs.SelectMany(static input => input.Objects.Secrets)],
        };
        var revision = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', inputs.Select(static input => input.RevisionId))));
        return new PolicyInput(
            objects,
            [.. inputs.SelectMany(static input => input.Diagnostics)],
            Convert.ToHexString(revision),
            new CompositeChangeToken([.. inputs.Select(static input => input.ChangeToken)]));
    }
}
