using PolicyProxy.Sidecar.Redirect.Requirements;

namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>The folders that hold one folder for each instance: cgroups in one, pins in the other.</summary>
/// <param name="Hierarchy">Where the cgroup v2 hierarchy begins.</param>
/// <param name="Cgroups"><c>policyproxy</c> in it.</param>
/// <param name="Pins"><c>policyproxy</c> in the bpffs.</param>
internal sealed record InstanceRoots(string Hierarchy, string Cgroups, string Pins)
{
    private const string Folder = "policyproxy";

    /// <summary>Those of a machine; null when it has no cgroup v2 hierarchy mounted, so that nobody can tell what is confined.</summary>
    public static InstanceRoots? Of(SystemRoots roots) => MountTable.Read(roots).Cgroup2 is { } mount
        ? new InstanceRoots(roots.Locate(mount.Path), Path.Combine(roots.Locate(mount.Path), Folder), Path.Combine(roots.Locate(BpffsCheck.Path), Folder))
        : null;
}
