using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns.Differential;

/// <summary>What is asked of a real server; names in the form that dig takes.</summary>
internal static class Questions
{
    /// <summary>Names and types in the zone; the escaped names are those of labels that are no plain words.</summary>
    public static TheoryData<string, string> All { get; } = new()
    {
        { "zone.test", "A" }, { "zone.test", "SOA" }, { "zone.test", "NS" }, { "zone.test", "MX" }, { "zone.test", "TXT" }, { "zone.test", "CAA" },
        { "www.zone.test", "A" }, { "WwW.zOnE.tEsT", "AAAA" }, { "six.zone.test", "AAAA" }, { "zero.zone.test", "A" }, { "away.zone.test", "A" },
        { "leaf.tree.zone.test", "A" }, { "any.wild.zone.test", "A" }, { "absent.zone.test", "A" }, { "many.zone.test", "A" },
        { "many.zone.test", "AAAA" }, { "huge.zone.test", "TXT" }, { "long.zone.test", "TXT" }, { @"a\.b.zone.test", "A" },
        { @"\000\255\(\)\""\;\@\$\\.zone.test", "A" }, { "_http._tcp.zone.test", "SRV" }, { "sip.zone.test", "NAPTR" }, { "sips.zone.test", "NAPTR" },
        { "host.zone.test", "HINFO" }, { "host.zone.test", "RP" }, { "host.zone.test", "LOC" }, { "80.2.0.192.zone.test", "PTR" },
        { "_443._tcp.zone.test", "TLSA" }, { "odd.zone.test", "TYPE65400" }, { "svc.zone.test", "HTTPS" }, { "alias.zone.test", "HTTPS" },
        { "_dns.zone.test", "SVCB" }, { "tree.zone.test", "DNAME" },
    };

    /// <summary>The query on the wire, with EDNS.</summary>
    public static byte[] Query(string name, string type)
    {
        Assert.True(DnsQueryType.TryParse(type, out var number));
        return DnsBytes.Query().Raw(Wire(name)).UInt16(number).UInt16(1).Count(0).Edns();
    }

    /// <summary>The uncompressed bytes of a name in presentation form: any character may be escaped.</summary>
    public static byte[] Wire(string name)
    {
        List<byte> wire = [], label = [];
        for (var i = 0; i < name.Length; i++)
        {
            if (name[i] == '.')
            {
                Close(wire, label);
            }
            else if (name[i] != '\\')
            {
                label.Add((byte)name[i]);
            }
            else if (char.IsAsciiDigit(name[i + 1]))
            {
                label.Add(byte.Parse(name.AsSpan(i + 1, 3)));
                i += 3;
            }
            else
            {
                label.Add((byte)name[++i]);
            }
        }

        Close(wire, label);
        return [.. wire, 0];
    }

    private static void Close(List<byte> wire, List<byte> label)
    {
        if (label.Count > 0)
        {
            wire.Add((byte)label.Count);
            wire.AddRange(label);
            label.Clear();
        }
    }
}
