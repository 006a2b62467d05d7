using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns.Differential;

/// <summary>Answers of a real server read as dig reads them, to the last byte: dig shows data uncompressed and in hexadecimal.</summary>
public class DigTests(UnboundServer server) : IClassFixture<UnboundServer>
{
    [Theory]
    [MemberData(nameof(Questions.All), MemberType = typeof(Questions))]
    public void DnsMessage_real_answer_is_read_as_dig_reads_it(string name, string type)
    {
        var bytes = server.Ask(Questions.Query(name, type));
        Assert.True(DnsMessage.TryParse(bytes, DnsLimits.Default, out var message, out var error), error.ToString());
        var read = new List<string>();
        foreach (var record in message.Records)
        {
            if (record.Type != DnsQueryType.Opt)
            {
                read.Add($"{Hex(record.Name)} {record.Ttl} {record.Class} {record.Type} {UncompressedData.Hex(record)}");
            }
        }

        // the server deals out the records of a name in turn
        Assert.Equal(Dig(name, type).Order(StringComparer.Ordinal), read.Order(StringComparer.Ordinal));
    }

    private IEnumerable<string> Dig(string name, string type)
    {
        var output = Programs.Output(
            "dig", "bind9-dnsutils", $"@{server.Address.Address}", "-p", $"{server.Address.Port}", "+tries=1", "+timeout=20", "+noall", "+answer", "+authority", "+additional",
            "+unknownformat", "+nosplit", name, type);
        foreach (var line in output.Split('\n').Where(line => line.Length > 0 && line[0] != ';'))
        {
            // name, TTL, CLASSn, TYPEn, \#, length, hexadecimal
            var words = line.Split((char[])[' ', '\t'], StringSplitOptions.RemoveEmptyEntries);
            yield return $"{Convert.ToHexString(Questions.Wire(words[0]))} {words[1]} {words[2][5..]} {words[3][4..]} {string.Concat(words[6..])}";
        }
    }

    private static string Hex(DnsWireName name)
    {
        var wire = new byte[DnsName.MaxWireBytes];
        Assert.True(name.TryCopyTo(wire, out var written));
        return Convert.ToHexString(wire, 0, written);
    }
}
