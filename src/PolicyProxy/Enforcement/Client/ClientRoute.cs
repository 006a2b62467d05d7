using System.Net;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// A host and port that requests go to: its addresses, its open connections, and what policy says of both. The transport keeps one pool for each,
/// so a request for one name never travels on a connection that was made for another. Thread-safe.
/// </summary>
internal sealed class ClientRoute
{
    /// <summary>How long known addresses are used when the resolver fails.</summary>
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    private readonly Lock _lock = new();
    private readonly ClientDoor _door;
    private readonly RouteKey _key;
    private readonly List<RouteConnection> _open = [];
    private readonly bool _isLiteral;
    private readonly string _plainAuthority;
    private readonly string _fullAuthority;
    private IPAddress[] _addresses = [];
    private long _resolvedAt;
    private TimeSpan _lifetime;
    private Task? _resolving;
    private volatile RouteView? _view;

    public ClientRoute(ClientDoor door, RouteKey key)
    {
        _door = door;
        _key = key;
        _isLiteral = IPAddress.TryParse(key.Host, out var address);
        if (address is not null)
        {
            _addresses = [address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address];
        }

        _plainAuthority = address is { AddressFamily: System.Net.Sockets.AddressFamily.InterNetworkV6 } ? $"[{key.Host}]" : key.Host;
        _fullAuthority = $"{_plainAuthority}:{key.Port}";
    }

    /// <summary>True while nothing would be lost by forgetting the route.</summary>
    public bool IsIdle
    {
        get
        {
            lock (_lock)
            {
                return _open.Count == 0 && (_isLiteral || !IsFresh);
            }
        }
    }

    private bool IsFresh => _isLiteral || (_addresses.Length > 0 && _door.Time.GetElapsedTime(_resolvedAt) < _lifetime);

    /// <summary>Host and port as they are sent for a URI.</summary>
    public string AuthorityOf(Uri uri) => uri.IsDefaultPort ? _plainAuthority : _fullAuthority;

    /// <summary>Makes sure that the addresses are known and not older than allowed.</summary>
    public ValueTask RefreshAsync(CancellationToken cancellationToken)
    {
        lock (_lock)
        {
            if (IsFresh)
            {
                return ValueTask.CompletedTask;
            }

            if (_resolving is not { IsCompleted: false })
            {
                _resolving = ResolveAsync();
            }

            return new ValueTask(_resolving.WaitAsync(cancellationToken));
        }
    }

    /// <summary>Judges a request; it may go to any admitted address, so all have to allow it. One flow.</summary>
    /// <param name="request">The request.</param>
    /// <param name="permit">The permit to complete the request with.</param>
    public Verdict Judge(in HttpMessageRequest request, out ConnectionPermit permit)
    {
        var view = View();
        if (view.Permits.Length == 0)
        {
            return _door.Connect(view.First, out permit);
        }

        permit = view.Permits[view.Permits.Length == 1 ? 0 : FindDenying(view.Permits, request)];
        permit.Tuple = permit.Tuple with { PeerNameIsVerified = request.IsTls && _door.VerifiesNames() };
        if (request.IsTls && !permit.AllowsWithoutServerName && _door.Gate.CheckServerName(ref permit, request.ServerName) is { Allowed: false } denial)
        {
            return denial;
        }

        return _door.Gate.Check(ref permit, request);
    }

    /// <summary>The addresses a new connection may try, in the resolver's order; the verdict on the first one if there are none.</summary>
    public IReadOnlyList<AddressAdmission> Candidates()
    {
        IPAddress[] addresses;
        lock (_lock)
        {
            addresses = _addresses;
        }

        return [.. addresses.Select(address => _door.Admit(address, _key.Port))];
    }

    /// <summary>Counts a new connection in.</summary>
    public void Add(RouteConnection connection)
    {
        lock (_lock)
        {
            _open.Add(connection);
            _view = null;
        }
    }

    /// <summary>Counts a connection out.</summary>
    public void Remove(RouteConnection connection)
    {
        lock (_lock)
        {
            if (_open.Remove(connection))
            {
                _view = null;
            }
        }
    }

    private static int FindDenying(ConnectionPermit[] permits, in HttpMessageRequest request)
    {
        for (var i = 0; i < permits.Length; i++)
        {
            var permit = permits[i];
            if (request.IsTls && !permit.AllowsWithoutServerName && !PolicyGate.PreviewServerName(ref permit, request.ServerName).Allowed)
            {
                return i;
            }

            if (!PolicyGate.Preview(permit, request).Allowed)
            {
                return i;
            }
        }

        return 0;
    }

    // What policy says of the addresses now. Connections to addresses that are not admitted any more are closed.
    private RouteView View()
    {
        var view = _view;
        if (view is not null && !_door.Gate.IsOutdated(view.First.Permit) && ReferenceEquals(view.Subject, _door.Subject))
        {
            return view;
        }

        RouteConnection[] closing;
        lock (_lock)
        {
            closing = [.. _open.Where(connection => !_door.Admit(connection.Address, _key.Port).IsAdmitted)];
            _ = _open.RemoveAll(connection => closing.Contains(connection));
            view = RouteView.Of(_door, _addresses.Concat(_open.Select(static connection => connection.Address)).Distinct(), _key.Port);
            _view = view;
        }

        foreach (var connection in closing)
        {
            connection.Dispose();
        }

        return view;
    }

    private async Task ResolveAsync()
    {
        try
        {
            var addresses = await _door.ResolveAsync(_key.Host).ConfigureAwait(false);
            Adopt(addresses, _door.AddressLifetime);
        }
        catch (HttpRequestException) when (_addresses.Length > 0)
        {
            // A resolver that fails for a moment is no reason to fail: policy decides for how long what was learned stands.
            Adopt(_addresses, s_retry);
        }
    }

    private void Adopt(IPAddress[] addresses, TimeSpan lifetime)
    {
        lock (_lock)
        {
            if (!_addresses.AsSpan().SequenceEqual(addresses))
            {
                _addresses = addresses;
                _view = null;
            }

            _resolvedAt = _door.Time.GetTimestamp();
            _lifetime = lifetime;
        }
    }
}
