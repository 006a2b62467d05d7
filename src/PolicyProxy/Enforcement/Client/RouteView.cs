using System.Net;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;

namespace PolicyProxy.Enforcement.Client;

/// <summary>What policy says of a route's addresses at one moment. Immutable.</summary>
internal sealed class RouteView
{
    private RouteView(ConnectionPermit[] permits, AddressAdmission first, Identity subject)
    {
        Permits = permits;
        First = first;
        Subject = subject;
    }

    /// <summary>
    /// One permit for every way in which policy looks at the admitted addresses, one for most routes. A request may go to any of them, so all
    /// have to allow it. Empty: no address is admitted.
    /// </summary>
    public ConnectionPermit[] Permits { get; }

    /// <summary>The first address; the one to report when none is admitted.</summary>
    public AddressAdmission First { get; }

    public Identity Subject { get; }

    /// <summary>Judges addresses.</summary>
    /// <param name="door">Whom to ask.</param>
    /// <param name="addresses">Every address a request could travel to; not empty.</param>
    /// <param name="port">Destination port.</param>
    public static RouteView Of(ClientDoor door, IEnumerable<IPAddress> addresses, ushort port)
    {
        var permits = new List<ConnectionPermit>();
        AddressAdmission? first = null;
        foreach (var address in addresses)
        {
            var admission = door.Admit(address, port);
            first ??= admission;
            if (admission.IsAdmitted && !permits.Exists(permit => permit.IsSameAs(admission.Permit)))
            {
                permits.Add(admission.Permit);
            }
        }

        return new RouteView([.. permits], first!.Value, door.Subject);
    }
}
