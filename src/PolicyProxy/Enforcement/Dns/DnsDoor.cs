using System.Net;
using System.Runtime.InteropServices;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Enforcement.Dns;

/// <summary>What to do with a query.</summary>
internal enum DnsDecision : byte
{
    /// <summary>Nothing: what cannot be answered, a response for example.</summary>
    Drop,

    /// <summary>Answer it with the reply that was written.</summary>
    Reply,

    /// <summary>Ask the resolver.</summary>
    Forward,
}

/// <summary>Asks the gate about DNS queries of one subject, and teaches it what allowed ones were answered. Thread-safe.</summary>
/// <param name="gate">The gate to ask.</param>
/// <param name="flows">The gate's publisher; without observers nobody needs to know who asked.</param>
/// <param name="time">Clock for what is learned and for latencies.</param>
internal sealed class DnsDoor(PolicyGate gate, FlowPublisher flows, TimeProvider time)
{
    /// <summary>Gives the subject's identity by the policies in force; called for every query.</summary>
    public required Func<Identity> Subject { get; init; }

    /// <summary>Where addresses are learned, and forgotten when their time is over.</summary>
    public required IdentityTable Identities { get; init; }

    /// <summary>True lets denials through and reports them.</summary>
    public bool Audit { get; init; }

    /// <summary>The response code of a denial: REFUSED (default) or NXDOMAIN (<c>tofqdns-dns-reject-response-code</c>, semantics 6.4).</summary>
    public DnsResponseCode DeniedCode { get; init; } = DnsResponseCode.Refused;

    public DnsLimits Limits { get; init; } = DnsLimits.Default;

    public TimeProvider Time => time;

    /// <summary>True if somebody hears of queries; then their senders are worth finding out.</summary>
    public bool IsObserved => flows.HasObservers;

    /// <summary>What is known of a query before it is read.</summary>
    /// <param name="resolver">Whom the client asks.</param>
    /// <param name="protocol">UDP or TCP.</param>
    /// <param name="client">Who asks; null = not known.</param>
    /// <param name="process">Its process; null = not known.</param>
    public ConnectionPermit Permit(IPEndPoint resolver, TransportProtocol protocol, IPEndPoint? client = null, WorkloadProcess? process = null) => gate.Preview(new ConnectionTuple
    {
        Direction = TrafficDirection.Egress,
        Subject = Subject(),
        Protocol = protocol,
        Port = (ushort)resolver.Port,
        Source = client,
        Destination = resolver,
        Audit = Audit,
        Process = process,
    });

    /// <summary>Judges a query; writes the reply if there is to be one.</summary>
    /// <param name="permit">Of the client or of all clients of its resolver; judged again when policy has moved on.</param>
    /// <param name="message">The query as received.</param>
    /// <param name="scratch">Room for the name: <see cref="DnsName.MaxPresentationChars"/>.</param>
    /// <param name="query">The query, if it is to be forwarded.</param>
    /// <param name="reply">Room for the reply: <see cref="DnsReplyWriter.MaxBytes"/>.</param>
    /// <param name="replyBytes">Length of the reply.</param>
    public DnsDecision Decide(
        ref ConnectionPermit permit, ReadOnlySpan<byte> message, Span<char> scratch, out DnsQuery query, Span<byte> reply, out int replyBytes)
    {
        replyBytes = 0;
        if (!DnsQuery.TryParse(message, Limits, scratch, out query, out var error))
        {
            _ = gate.Refuse(ref permit, error);
            return DnsReplyWriter.ResponseCodeFor(error, message) is { } code
                ? Answer(message, new DnsReply { ResponseCode = code }, reply, out replyBytes)
                : DnsDecision.Drop;
        }

        // The subject's labels may come from the policies' own files.
        var subject = Subject();
        if (!ReferenceEquals(subject, permit.Tuple.Subject))
        {
            permit = gate.Preview(permit.Tuple with { Subject = subject });
        }

        return gate.Check(ref permit, query).Allowed
            ? DnsDecision.Forward
            : Answer(
                message,
                new DnsReply { ResponseCode = DeniedCode, RecursionAvailable = true, ExtendedError = DnsExtendedErrorCode.Blocked, Text = "denied by policy"u8 },
                reply,
                out replyBytes);
    }

    /// <summary>Teaches what an allowed query was answered, before the answer goes out: on return engine and kernel know the addresses.</summary>
    /// <param name="permit">The client's permit, or that of all clients of its resolver.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="scratch">Room for a name: <see cref="DnsName.MaxPresentationChars"/>.</param>
    /// <param name="addresses">A list to use; its content is lost.</param>
    public void Learn(in ConnectionPermit permit, in DnsAnswer answer, Span<char> scratch, List<FqdnAddress> addresses)
    {
        addresses.Clear();
        foreach (var address in answer.Addresses)
        {
            addresses.Add(FqdnAddress.Of(address.Bytes, (uint)address.Ttl));
        }

        if (addresses.Count == 0 || !answer.Question.Name.TryFormat(scratch, out var length))
        {
            return;
        }

        var aliases = answer.AliasCount == 0 ? [] : new FqdnAlias[answer.AliasCount];
        var count = 0;
        foreach (var alias in answer.Aliases)
        {
            aliases[count++] = new FqdnAlias(alias.ToString(), uint.MaxValue); // the addresses carry the least of all TTLs already
        }

        _ = gate.Learn(permit, new FqdnAnswer { Name = scratch[..length], Aliases = aliases, Addresses = CollectionsMarshal.AsSpan(addresses) });
    }

    /// <summary>Forgets what is over. Call about once a second.</summary>
    public void Expire() => Identities.Expire(time.GetUtcNow());

    /// <summary>Reports the answer to an allowed query (the RESPONSE flow).</summary>
    /// <param name="permit">The client's permit.</param>
    /// <param name="answer">The answer.</param>
    /// <param name="since">Time stamp of the query.</param>
    public void Complete(in ConnectionPermit permit, in DnsAnswer answer, long since) => gate.Complete(permit, answer, time.GetElapsedTime(since));

    /// <summary>Writes the reply to a query that its resolver does not answer.</summary>
    /// <param name="message">The query.</param>
    /// <param name="extendedError">Why; see <see cref="DnsExtendedErrorCode"/>.</param>
    /// <param name="reply">Room for the reply.</param>
    /// <returns>Its length.</returns>
    public static int Fail(ReadOnlySpan<byte> message, int extendedError, Span<byte> reply)
    {
        _ = Answer(message, new DnsReply { ResponseCode = DnsResponseCode.ServerFailure, RecursionAvailable = true, ExtendedError = extendedError }, reply, out var length);
        return length;
    }

    private static DnsDecision Answer(ReadOnlySpan<byte> message, scoped in DnsReply reply, Span<byte> destination, out int length)
    {
        length = DnsReplyWriter.Write(message, reply, destination);
        return length > 0 ? DnsDecision.Reply : DnsDecision.Drop;
    }
}
