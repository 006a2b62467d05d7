using System.Net;
using System.Net.Sockets;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Enforcement.Client;

/// <summary>Asks the gate about connections to addresses and teaches it names, for one subject on egress. Thread-safe.</summary>
internal sealed class ClientDoor
{
    private readonly Func<Identity> _subject;
    private readonly PolicyProxyHandlerOptions _options;
    private readonly Identity _host;

    /// <summary>Creates a door.</summary>
    /// <param name="gate">The gate to ask.</param>
    /// <param name="subject">Gives the subject's identity by the policies in force.</param>
    /// <param name="options">Valid settings.</param>
    /// <param name="time">Clock for what is resolved and for latencies.</param>
    public ClientDoor(PolicyGate gate, Func<Identity> subject, PolicyProxyHandlerOptions options, TimeProvider time)
    {
        Gate = gate;
        Time = time;
        _subject = subject;
        _options = options;
        _host = gate.Reserved("host");
    }

    public PolicyGate Gate { get; }

    public TimeProvider Time { get; }

    public Identity Subject => _subject();

    /// <summary>True while the transport verifies that a server has the name requests show; asked at every request over TLS.</summary>
    public Func<bool> VerifiesNames { get; init; } = static () => false;

    public TimeSpan AddressLifetime => _options.AddressLifetime;

    /// <summary>What is known of a connection to an address, without a flow.</summary>
    public AddressAdmission Admit(IPAddress address, ushort port)
    {
        var permit = Gate.Preview(new ConnectionTuple
        {
            Direction = TrafficDirection.Egress,
            Subject = Subject,
            Protocol = TransportProtocol.Tcp,
            Port = port,
            Peer = _options.LoopbackIsHost && IPAddress.IsLoopback(address) ? _host : null,
            Destination = new IPEndPoint(address, port),
            Audit = _options.Audit,
            BindsNames = _options.FqdnBinding == FqdnBinding.Strict,
        });

        // What policy itself denies is reported as such; only what it would admit by rules for others is withheld.
        var isWithheld = _options.GuardSpecialNetworks && permit.IsAllowed && SpecialNetworks.Of(address) is { } network && !permit.IsOpenedWithin(network);
        return new AddressAdmission(permit, isWithheld);
    }

    /// <summary>The verdict on a connection, with its flow.</summary>
    public Verdict Connect(in AddressAdmission admission, out ConnectionPermit permit)
    {
        permit = admission.Permit;
        var tuple = permit.Tuple;
        return admission.IsWithheld
            ? Gate.Withhold(tuple, $"{tuple.Destination?.Address} is in {SpecialNetworks.Of(tuple.Destination!.Address)}, which only a rule for that network, entity or workload opens")
            : Gate.Connect(tuple, out permit);
    }

    /// <summary>Resolves a name and teaches it; on return the engine knows the addresses. v4-mapped addresses become IPv4.</summary>
    public async Task<IPAddress[]> ResolveAsync(string name)
    {
        // One resolution serves every request that waits for it, so none of them can cancel it.
        IPAddress[] addresses;
        try
        {
            addresses = await _options.Resolver(name, CancellationToken.None).ConfigureAwait(false);
        }
        catch (SocketException error)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, $"{error.Message} ({name})", error);
        }

        if (addresses.Length == 0)
        {
            throw new HttpRequestException(HttpRequestError.NameResolutionError, $"The name has no address ({name})");
        }

        addresses = [.. addresses.Select(static address => address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address).Distinct()];
        var ttlSeconds = (uint)_options.AddressLifetime.TotalSeconds;
        Gate.LearnOwn(new FqdnAnswer { Name = name, Addresses = addresses.Select(address => FqdnAddress.Of(address, ttlSeconds)).ToArray() });
        return addresses;
    }
}

/// <summary>What is known of a connection to one address.</summary>
/// <param name="Permit">Its permit by policy alone.</param>
/// <param name="IsWithheld">True if policy admits it without speaking of such an address.</param>
internal readonly record struct AddressAdmission(ConnectionPermit Permit, bool IsWithheld)
{
    /// <summary>True if a connection may be made; withheld ones may in audit mode.</summary>
    public bool IsAdmitted => Permit.IsAllowed && (!IsWithheld || Permit.Tuple.Audit);
}
