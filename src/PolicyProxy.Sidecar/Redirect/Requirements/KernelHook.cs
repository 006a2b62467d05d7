namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>A place in the kernel where a program of the shim is called, with the program type and attach types of linux/bpf.h.</summary>
/// <param name="Name">As the documentation names it.</param>
/// <param name="Since">The first kernel with all that the shim uses of it.</param>
/// <param name="ProgramType"><c>enum bpf_prog_type</c>.</param>
/// <param name="AttachTypes"><c>enum bpf_attach_type</c>: one for each address family.</param>
internal sealed record KernelHook(string Name, KernelVersion Since, uint ProgramType, IReadOnlyList<uint> AttachTypes)
{
    /// <summary>Every hook of the shim, in the order of the kernels they came with.</summary>
    public static IReadOnlyList<KernelHook> All { get; } =
    [
        new("cgroup_skb/egress", new(4, 10), 8, [1]),
        new("cgroup_skb/ingress", new(4, 10), 8, [0]),
        new("cgroup/sock_create", new(4, 10), 9, [2]),
        new("cgroup/bind", new(4, 17), 18, [8, 9]),
        new("cgroup/connect", new(4, 17), 18, [10, 11]),
        new("cgroup/sendmsg", new(4, 18), 18, [14, 15]),
        new("cgroup/recvmsg", new(5, 2), 18, [19, 20]),
        new("cgroup/getsockopt", new(5, 3), 25, [21]),
        new("cgroup/setsockopt", new(5, 3), 25, [22]),
        new("cgroup/getpeername", new(5, 8), 18, [29, 30]),
        new("sk_lookup", new(5, 9), 30, [36]),
        new("sockops", new(5, 15), 13, [3]), // 5.15: the network namespace's cookie in it
        new("tc", new(4, 5), 3, [0]),
    ];
}
