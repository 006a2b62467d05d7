namespace PolicyProxy.Protocols.Grpc;

/// <summary>Status codes of a gRPC call, the number sent as <c>grpc-status</c>. Names and numbers are the gRPC core specification's.</summary>
public enum GrpcStatus
{
    /// <summary>Success.</summary>
    Ok = 0,

    /// <summary>Cancelled, usually by the caller.</summary>
    Cancelled = 1,

    /// <summary>Unknown error.</summary>
    Unknown = 2,

    /// <summary>The caller gave a bad argument.</summary>
    InvalidArgument = 3,

    /// <summary>The deadline expired.</summary>
    DeadlineExceeded = 4,

    /// <summary>The entity does not exist.</summary>
    NotFound = 5,

    /// <summary>The entity exists already.</summary>
    AlreadyExists = 6,

    /// <summary>The caller may not do this. What a policy denial answers.</summary>
    PermissionDenied = 7,

    /// <summary>A quota is used up.</summary>
    ResourceExhausted = 8,

    /// <summary>The system is not in the state the call needs.</summary>
    FailedPrecondition = 9,

    /// <summary>Aborted, typically by a conflict.</summary>
    Aborted = 10,

    /// <summary>Past the valid range.</summary>
    OutOfRange = 11,

    /// <summary>The method is not implemented.</summary>
    Unimplemented = 12,

    /// <summary>An invariant of the system is broken. What a malformed HTTP request to a gRPC method answers.</summary>
    Internal = 13,

    /// <summary>The service cannot be reached now; a retry may succeed.</summary>
    Unavailable = 14,

    /// <summary>Unrecoverable data loss.</summary>
    DataLoss = 15,

    /// <summary>The caller is not authenticated.</summary>
    Unauthenticated = 16,
}
