using System.Net;
using System.Net.NetworkInformation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Keeps the identity <c>host</c> that of this machine's addresses while they come and go, as the kernel tells (rtnetlink(7)). The runtime's
/// own event does not speak of IPv6 addresses. Disposing stops it.
/// </summary>
internal sealed unsafe class LocalAddresses : IDisposable
{
    private const int AF_NETLINK = 16;
    private const int SOCK_RAW = 3;
    private const uint AddressGroups = 0x10 | 0x100; // RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR

    private readonly IdentityTable _identities;
    private readonly int _messages;
    private readonly int _wake;
    private readonly Thread _reader;
    private HashSet<IPAddress> _known;
    private volatile bool _isStopping;

    /// <summary>Starts to follow, in this process' network namespace.</summary>
    /// <param name="identities">Whose <c>host</c>.</param>
    /// <param name="known">The addresses it has now.</param>
    /// <exception cref="ShimException">The kernel tells nothing.</exception>
    public LocalAddresses(IdentityTable identities, IEnumerable<IPAddress> known)
    {
        _identities = identities;
        _known = [.. known];
        _messages = Libc.socket(AF_NETLINK, SOCK_RAW | Libc.SOCK_CLOEXEC | Libc.SOCK_NONBLOCK, 0);

        // struct sockaddr_nl: family, process, groups
        var address = stackalloc uint[] { AF_NETLINK, 0, AddressGroups };
        if (_messages < 0 || Libc.bind(_messages, (byte*)address, 3 * sizeof(uint)) != 0)
        {
            throw ShimException.Of("listen for addresses of this machine");
        }

        _wake = Libc.eventfd(0, Libc.EFD_CLOEXEC | Libc.EFD_NONBLOCK);
        _reader = new Thread(Read) { IsBackground = true, Name = "local-addresses" };
        _reader.Start();
    }

    public void Dispose()
    {
        _isStopping = true;
        var one = 1L;
        _ = Libc.write(_wake, &one, sizeof(long));
        _reader.Join();
        _ = Libc.close(_messages);
        _ = Libc.close(_wake);
    }

    private void Read()
    {
        const int Bytes = 8192;
        var message = stackalloc byte[Bytes];
        var waiting = stackalloc Libc.PollEntry[]
        {
            new Libc.PollEntry { Descriptor = _messages, Events = Libc.POLLIN },
            new Libc.PollEntry { Descriptor = _wake, Events = Libc.POLLIN },
        };
        while (!_isStopping)
        {
            // What a message says does not matter, nor whether some were lost: all addresses are read after each. First of all without one,
            // for what has changed before somebody listened.
            Update();
            _ = Libc.poll(waiting, 2, -1);
            while (Libc.recv(_messages, message, Bytes, 0) > 0)
            {
                // one reading for all that has come
            }
        }
    }

    private void Update()
    {
        try
        {
            if (LocalNetwork.Addresses() is var now && !_known.SetEquals(now))
            {
                _known = [.. now];
                _identities.SetLocalAddresses(_known);
            }
        }
        catch (NetworkInformationException)
        {
            // A device went while it was looked at; that is told of next.
        }
    }
}
