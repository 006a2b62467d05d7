using System.Security.Cryptography;
using System.Text;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Policy.Sources;

/// <summary>Several inputs as one: objects and diagnostics in their order. A change of one is a change of all.</summary>
internal static class PolicyInputs
{
    public static PolicyInput Join(IReadOnlyList<PolicyInput> inputs)
    {
        var objects = new PolicyObjects
        {
            Policies = [.. inputs.SelectMany(static input => input.Objects.Policies)],
            CidrGroups = [.. inputs.SelectMany(static input => input.Objects.CidrGroups)],
            Services = [.. inputs.SelectMany(static input => input.Objects.Services)],
            Pods = [.. inputs.SelectMany(static input => input.Objects.Pods)],
            Namespaces = [.. inputs.SelectMany(static input => input.Objects.Namespaces)],
            Nodes = [.. inputs.SelectMany(static input => input.Objects.Nodes)],
            Secrets = [.. inputs.SelectMany(static input => input.Objects.Secrets)],
            Identities = [.. inputs.SelectMany(static input => input.Objects.Identities)],
        };
        var revision = SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', inputs.Select(static input => input.RevisionId))));
        return new PolicyInput(
            objects,
            [.. inputs.SelectMany(static input => input.Diagnostics)],
            Convert.ToHexString(revision),
            new Microsoft.Extensions.Primitives.CompositeChangeToken([.. inputs.Select(static input => input.ChangeToken)]));
    }
}
