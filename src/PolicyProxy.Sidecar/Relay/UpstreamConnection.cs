using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// A connection to the upstream. It serves one client at a time, or waits for one; it holds no bytes. One that receives anything while
/// nobody asked is closed: whatever came belongs to no request.
/// </summary>
internal sealed class UpstreamConnection : LoopSocket
{
    private readonly RelayLoop _relay;

    public UpstreamConnection(RelayLoop relay, int descriptor, bool isConnected)
        : base(relay.Events, descriptor)
    {
        _relay = relay;
        IsConnected = isConnected;
        if (isConnected)
        {
            AssumeSendable();
        }
    }

    /// <summary>What stands behind the socket if that is local; null = the socket is the connection.</summary>
    public PlaintextEnd? End { get; init; }

    /// <summary>The client served, or whose next request is waited for; null in the shared pool.</summary>
    public ClientConnection? Client { get; private set; }

    /// <summary>True from the moment a client takes it until its response has been read.</summary>
    public bool IsBusy { get; private set; }

    /// <summary>False while it is connecting.</summary>
    public bool IsConnected { get; private set; }

    /// <summary>Requests it has carried before the current one.</summary>
    public int EarlierRequests { get; private set; }

    /// <summary>True if it is fit for another request as far as is known.</summary>
    public bool IsFit => IsOpen && IsConnected && !CanReceive && !PeerHasEnded && !IsBroken;

    /// <summary>Starts to work for a client.</summary>
    public void Take(ClientConnection client)
    {
        Client = client;
        IsBusy = true;
        Timeout.Cancel();
        if (!IsConnected)
        {
            _relay.ConnectTimeouts.Start(Timeout, Loop.Now);
        }
    }

    /// <summary>Waits for the next request: of the same client, or of anyone if <paramref name="client"/> is null.</summary>
    public void Rest(ClientConnection? client)
    {
        Client = client;
        IsBusy = false;
        EarlierRequests++;
        _relay.UpstreamIdleTimeouts.Start(Timeout, Loop.Now);
    }

    public override void OnReady()
    {
        if (!IsConnected)
        {
            FinishConnect();
        }
        else if (IsBusy)
        {
            Client!.OnUpstreamReady();
        }
        else if (!IsFit)
        {
            Close();
        }
    }

    public override void OnTimeout()
    {
        if (IsConnected)
        {
            Close();
            return;
        }

        _relay.Counters.UpstreamConnectFailures++;
        Client!.OnConnectFailed(Libc.ETIMEDOUT);
    }

    public override void OnFault()
    {
        if (Client is { } client && IsBusy)
        {
            client.OnFault();
        }

        Close();
    }

    /// <summary>Says that the client will send nothing more.</summary>
    public void EndSending() => StreamSocket.EndSending(Descriptor);

    /// <summary>Closes; <paramref name="reset"/> if the request was cut short.</summary>
    public void Close(bool reset = false)
    {
        if (!IsBusy)
        {
            if (Client is { } client)
            {
                client.OnRestingUpstreamClosed();
            }
            else
            {
                _relay.Upstreams.Remove(this);
            }
        }

        Client = null;
        End?.Close(reset);
        CloseSocket(reset);
    }

    protected override bool EndsBroken => End is { WasCut: true };

    private void FinishConnect()
    {
        if (!CanSend)
        {
            return;
        }

        var error = StreamSocket.TakeError(Descriptor);
        if (error != 0)
        {
            _relay.Counters.UpstreamConnectFailures++;
            Client!.OnConnectFailed(error);
            return;
        }

        IsConnected = true;
        Timeout.Cancel();
        Client!.OnUpstreamReady();
    }
}
