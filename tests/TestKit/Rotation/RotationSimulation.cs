using System.Net;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.TestKit.Rotation;

/// <summary>
/// Clients behind a gate with names bound strictly, in a world whose names rotate, in simulated time: they look up, connect at once or late,
/// keep connections, and try names that are not theirs. Everything but the clock and the packets is the product.
/// </summary>
internal sealed class RotationSimulation
{
    private const int LookupsPerSecond = 10;
    private const int LongestLife = 900;
    private const int MostLive = 2_000;

    private readonly Random _random;
    private readonly RotatingNames _names;
    private readonly SimulatedTime _time = new();
    private readonly RotationReport _report = new();
    private readonly HashSet<int> _used = [];
    private readonly Dictionary<IPAddress, Identity> _copy = [];
    private readonly List<(int Due, int Name, IPAddress Address)> _late = [];
    private readonly List<(ConnectionPermit Permit, AddressHold? Hold, int Name, int Ends)> _live = [];
    private readonly TestGate _gate;
    private readonly PolicyGate _door;
    private readonly ConnectionPermit _resolver;

    public RotationSimulation(int seed)
    {
        _random = new Random(seed);
        _names = new RotatingNames(_random);
        _gate = new TestGate(new PolicyCompilerOptions { FqdnBinding = FqdnBinding.Strict }, RotatingNames.Policy());
        _door = new PolicyGate(_gate.Engine, new FlowPublisher(), _time);
        _gate.Engine.Identities.Published += (_, change) =>
        {
            foreach (var (address, _, after) in change.Addresses)
            {
                _copy[address] = after;
            }
        };
        _ = _door.Connect(_gate.Egress("app=api", "10.255.0.1", 53) with { Protocol = TransportProtocol.Udp }, out _resolver);
    }

    /// <summary>Runs for so many simulated seconds; looks at memory once a simulated hour and at the end.</summary>
    public RotationReport Run(int seconds)
    {
        var start = GC.GetTotalMemory(forceFullCollection: true);
        for (var second = 0; second < seconds; second++)
        {
            _time.Pass(TimeSpan.FromSeconds(1));
            _gate.Engine.Identities.Expire(_time.GetUtcNow());
            for (var i = 0; i < LookupsPerSecond; i++)
            {
                LookUp(_random.Next(RotatingNames.Count), second);
            }

            ConnectLate(second);
            AskAgain(second);
            _report.MostPairs = Math.Max(_report.MostPairs, _gate.Engine.Identities.LearnedCount);
            if (second % 3_600 == 0 || second == seconds - 1)
            {
                Look(start);
            }
        }

        _report.AddressesUsed = _used.Count;
        _gate.Dispose();
        return _report;
    }

    private void LookUp(int name, int second)
    {
        var (numbers, ttl) = _names.Resolve(name, second);
        var addresses = Array.ConvertAll(numbers, RotatingNames.Address);
        _used.UnionWith(numbers);
        _report.Lookups++;
        _ = _door.Learn(_resolver, new FqdnAnswer
        {
            Name = RotatingNames.Text(name),
            Addresses = Array.ConvertAll(addresses, address => FqdnAddress.Of(address, ttl)),
        });
        Connect(name, addresses[0], second);

        // Until the record's time is over, and most of the grace: resolvers and programs keep addresses longer than they may.
        _late.Add((second + _random.Next((int)ttl + 58), name, addresses[^1]));
    }

    private void ConnectLate(int second)
    {
        for (var i = _late.Count - 1; i >= 0; i--)
        {
            if (_late[i].Due <= second)
            {
                Connect(_late[i].Name, _late[i].Address, second);
                _late[i] = _late[^1];
                _late.RemoveAt(_late.Count - 1);
            }
        }
    }

    private void Connect(int name, IPAddress address, int second)
    {
        var tuple = Tuple(address);
        var isOpen = _door.Connect(tuple, out var permit).Allowed;
        _report.StaleCopies += _copy.TryGetValue(address, out var copied) && ReferenceEquals(copied, permit.PeerIdentity) ? 0 : copied is null && permit.PeerIdentity?.Names is null ? 0 : 1;
        if (!RotatingNames.IsAllowed(name))
        {
            // The address may be open for a neighbour.
            Intrude(tuple, RotatingNames.Text(name));
            return;
        }

        var isAllowed = isOpen && Ask(ref permit, RotatingNames.Text(name));
        _report.Requests++;
        _report.FalseDrops += isAllowed ? 0 : 1;
        Intrude(tuple, RotatingNames.Text((RotatingNames.GroupOf(name) * RotatingNames.NamesPerGroup) + RotatingNames.NamesPerGroup - 1));
        Intrude(tuple, RotatingNames.Text((name + RotatingNames.NamesPerGroup) % RotatingNames.Count)); // allowed, but never at this address
        Intrude(tuple, address.ToString());
        if (isAllowed && _live.Count < MostLive && _random.Next(4) == 0)
        {
            _live.Add((permit, _door.Hold(permit), name, second + _random.Next(LongestLife)));
        }
    }

    private void AskAgain(int second)
    {
        for (var i = _live.Count - 1; i >= 0; i--)
        {
            var (permit, hold, name, ends) = _live[i];
            if (ends <= second)
            {
                hold?.Dispose();
                _live[i] = _live[^1];
                _live.RemoveAt(_live.Count - 1);
            }
            else if (_random.Next(60) == 0)
            {
                _report.Requests++;
                _report.FalseDrops += Ask(ref permit, RotatingNames.Text(name)) ? 0 : 1;
                _live[i] = (permit, hold, name, ends);
            }
        }
    }

    private void Intrude(in ConnectionTuple tuple, string name)
    {
        _report.Intrusions++;
        _report.CrossNameAllows += _door.Connect(tuple, out var permit).Allowed && Ask(ref permit, name) ? 1 : 0;
    }

    private bool Ask(ref ConnectionPermit permit, string name) => _door.Check(ref permit, new TestRequest("GET", "/", name)).Allowed;

    private ConnectionTuple Tuple(IPAddress address) => new()
    {
        Direction = TrafficDirection.Egress,
        Subject = _resolver.Tuple.Subject,
        Destination = new IPEndPoint(address, 80),
        Protocol = TransportProtocol.Tcp,
        Port = 80,
    };

    private void Look(long start)
    {
        _report.MostShared = Math.Max(_report.MostShared, _gate.Engine.Identities.Current.Learned.Values.Count(learned => learned.Names.Length > 1));
        _report.MostBytes = Math.Max(_report.MostBytes, GC.GetTotalMemory(forceFullCollection: true) - start);
    }
}
