namespace PolicyProxy.Gate;

/// <summary>The process of the workload that opened a connection, as the kernel knew it at that moment. Never part of a verdict. Immutable.</summary>
public sealed record WorkloadProcess
{
    /// <summary>Process id in the machine's own process namespace; may have been given to another process since.</summary>
    public required int Id { get; init; }

    /// <summary>Name of the command, at most 15 bytes long. The process may choose it freely: it is a hint, no proof.</summary>
    public required string Command { get; init; }

    /// <summary>User id in the machine's own user namespace.</summary>
    public required uint UserId { get; init; }

    /// <summary>Id of the control group (version 2): the inode number of its directory.</summary>
    public required ulong CgroupId { get; init; }
}
