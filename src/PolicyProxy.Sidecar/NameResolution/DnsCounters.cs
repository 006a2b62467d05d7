namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>What one DNS loop has done so far. Written by its thread, read by any.</summary>
internal sealed class DnsCounters
{
    /// <summary>Queries received.</summary>
    public long Queries;

    /// <summary>Queries policy refused.</summary>
    public long Denied;

    /// <summary>Queries that were no valid ones.</summary>
    public long Malformed;

    /// <summary>Queries a resolver was asked.</summary>
    public long Forwarded;

    /// <summary>Answers passed on.</summary>
    public long Answered;

    /// <summary>Answers to nothing that was asked, or not to what was asked: late, spoofed or broken. Nothing is learned of them.</summary>
    public long Unexpected;

    /// <summary>Queries whose resolver did not answer in time.</summary>
    public long Timeouts;

    /// <summary>Queries that could not be sent on, or whose resolver refused the connection.</summary>
    public long Failed;

    /// <summary>Queries of senders that are not the workload.</summary>
    public long Strays;

    public void Add(DnsCounters other)
    {
        Queries += other.Queries;
        Denied += other.Denied;
        Malformed += other.Malformed;
        Forwarded += other.Forwarded;
        Answered += other.Answered;
        Unexpected += other.Unexpected;
        Timeouts += other.Timeouts;
        Failed += other.Failed;
        Strays += other.Strays;
    }
}
