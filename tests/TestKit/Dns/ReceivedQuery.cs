using System.Net;
using System.Text;
using PolicyProxy.Protocols.Tests.Dns;

namespace PolicyProxy.TestKit.Dns;

/// <summary>A query as it reached a <see cref="ScriptedResolver"/>.</summary>
/// <param name="Bytes">The message.</param>
/// <param name="Client">Who sent it.</param>
/// <param name="Resolver">The resolver it came to.</param>
/// <param name="Connection">The connection it came over; null = UDP.</param>
internal sealed record ReceivedQuery(byte[] Bytes, IPEndPoint Client, ScriptedResolver Resolver, ResolverConnection? Connection)
{
    public ushort Id => (ushort)((Bytes[0] << 8) | Bytes[1]);

    /// <summary>Name, type and class as sent.</summary>
    public byte[] Question => Bytes[12..(NameEnd + 4)];

    /// <summary>The name as sent, without a final dot.</summary>
    public string Name
    {
        get
        {
            var name = new StringBuilder();
            for (var at = 12; Bytes[at] != 0; at += Bytes[at] + 1)
            {
                name.Append(name.Length == 0 ? "" : ".").Append(Encoding.ASCII.GetString(Bytes, at + 1, Bytes[at]));
            }

            return name.ToString();
        }
    }

    public ushort Type => (ushort)((Bytes[NameEnd] << 8) | Bytes[NameEnd + 1]);

    private int NameEnd => Array.IndexOf(Bytes, (byte)0, 12) + 1;

    /// <summary>A response to it without records: QR, RD, RA.</summary>
    public DnsBytes Response(ushort flags = 0x8180) => DnsBytes.Response(Id, flags).Raw(Question).Count(0);

    /// <summary>A response with one address for the name that was asked.</summary>
    public byte[] Address(string address, uint ttl = 300)
    {
        var bytes = IPAddress.Parse(address).GetAddressBytes();
        return Response().Answer("@12", (ushort)(bytes.Length == 4 ? 1 : 28), bytes, ttl);
    }

    /// <summary>Sends a message the way the query came.</summary>
    public Task SendAsync(byte[] message) => Connection?.SendAsync(message) ?? Resolver.SendAsync(message, Client);
}
