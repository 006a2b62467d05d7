using System.Net;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>Opens connections to the upstream and keeps those that any client may use. One thread.</summary>
internal sealed class UpstreamPool(RelayLoop relay)
{
    private readonly List<UpstreamConnection> _resting = [];

    /// <summary>The connection used last, or null.</summary>
    public UpstreamConnection? TryTake()
    {
        while (_resting.Count > 0)
        {
            var connection = _resting[^1];
            _resting.RemoveAt(_resting.Count - 1);
            if (connection.IsFit)
            {
                return connection;
            }

            connection.Close();
        }

        return null;
    }

    /// <summary>Keeps a connection for whoever comes next.</summary>
    public void Add(UpstreamConnection connection)
    {
        connection.Rest(null);
        _resting.Add(connection);
    }

    /// <summary>Closes all that wait.</summary>
    public void Clear()
    {
        while (_resting.Count > 0)
        {
            _resting[^1].Close(); // which takes it out of the list
        }
    }

    public void Remove(UpstreamConnection connection) => _resting.Remove(connection);

    /// <summary>Starts to connect. Null with the error number if that failed at once.</summary>
    /// <param name="address">Where to.</param>
    /// <param name="route">Null = the address is one of the sidecar's upstream.</param>
    /// <param name="error">The error number.</param>
    public UpstreamConnection? Connect(IPEndPoint address, UpstreamRoute? route, out int error)
    {
        PlaintextEnd? end = null;
        var isConnected = true;
        int descriptor;
        if (route?.Decrypted is { IsServerPlain: false } decrypted)
        {
            end = decrypted.Connect(out error);
            descriptor = end?.Descriptor ?? -error;
        }
        else
        {
            descriptor = Open(address, route, out isConnected);
        }

        if (descriptor < 0)
        {
            error = -descriptor;
            relay.Counters.UpstreamConnectFailures++;
            return null;
        }

        error = 0;
        StreamSocket.Prepare(descriptor);
        relay.Counters.UpstreamConnects++;
        var connection = new UpstreamConnection(relay, descriptor, isConnected) { End = end };
        if (relay.Events.Watch(connection))
        {
            return connection;
        }

        error = Libc.ENOMEM;
        connection.Close();
        return null;
    }

    private static int Open(IPEndPoint address, UpstreamRoute? route, out bool isConnected)
    {
        isConnected = false;
        var descriptor = StreamSocket.Create(address.AddressFamily);
        if (descriptor >= 0 && route?.Prepare(descriptor) is > 0 and var error)
        {
            StreamSocket.Close(descriptor);
            return -error;
        }

        return descriptor < 0 ? descriptor : StreamSocket.Connect(descriptor, address, out isConnected);
    }
}
