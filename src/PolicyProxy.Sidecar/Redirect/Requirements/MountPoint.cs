namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>One line of <c>/proc/self/mountinfo</c> (proc(5)).</summary>
/// <param name="Id">Unique among the mounts there are.</param>
/// <param name="Parent">The mount this one is on; may be outside of the process's root.</param>
/// <param name="Path">Where it is mounted, as the process sees it.</param>
/// <param name="FileSystem">Type, such as <c>cgroup2</c>.</param>
/// <param name="IsReadOnly">This mount or its file system refuses changes.</param>
internal sealed record MountPoint(int Id, int Parent, string Path, string FileSystem, bool IsReadOnly);
