using System.Net;
using System.Text;
using DnsClient;
using DnsClient.Protocol;
using PolicyProxy.Protocols.Dns;
using ClientRecord = DnsClient.Protocol.DnsResourceRecord;
using WireRecord = PolicyProxy.Protocols.Dns.DnsResourceRecord;

namespace PolicyProxy.Protocols.Tests.Dns.Differential;

/// <summary>Answers of a real server read as the package DnsClient reads them.</summary>
public class DnsClientTests(UnboundServer server) : IClassFixture<UnboundServer>
{
    private readonly LookupClient _client = new(new LookupClientOptions(server.Address) { UseCache = false, Retries = 0, Timeout = TimeSpan.FromSeconds(20) });

    [Theory]
    [InlineData("zone.test", QueryType.A)]
    [InlineData("zone.test", QueryType.NS)]
    [InlineData("zone.test", QueryType.MX)]
    [InlineData("zone.test", QueryType.SOA)]
    [InlineData("zone.test", QueryType.TXT)]
    [InlineData("www.zone.test", QueryType.A)]
    [InlineData("www.zone.test", QueryType.AAAA)]
    [InlineData("six.zone.test", QueryType.AAAA)]
    [InlineData("zero.zone.test", QueryType.A)]
    [InlineData("away.zone.test", QueryType.A)]
    [InlineData("absent.zone.test", QueryType.A)]
    [InlineData("many.zone.test", QueryType.A)]
    [InlineData("huge.zone.test", QueryType.TXT)]
    [InlineData("_http._tcp.zone.test", QueryType.SRV)]
    [InlineData("80.2.0.192.zone.test", QueryType.PTR)]
    public void DnsMessage_real_answer_is_read_as_dnsclient_reads_it(string name, QueryType type)
    {
        var response = _client.Query(name, type);
        var bytes = server.Ask(Questions.Query(name, type.ToString()));
        Assert.True(DnsAnswer.TryParse(bytes, DnsLimits.Default, out var answer, out var error), error.ToString());
        Assert.Equal((int)response.Header.ResponseCode, (int)answer.ResponseCode);
        Assert.Equal(response.Header.AnswerCount, answer.Message.Header.AnswerCount);
        Assert.Equal(response.Header.NameServerCount, answer.Message.Header.AuthorityCount);
        Assert.Equal(response.Header.HasAuthorityAnswer, answer.Message.Header.IsAuthoritative);
        Assert.Equal(response.AllRecords.Where(record => record is not DnsClient.Protocol.Options.OptRecord).Select(Show).Order(StringComparer.Ordinal), Show(answer.Message));

        // the owner of an address is the end of its chain in every answer of this server
        Assert.Equal(response.Answers.AddressRecords().Select(record => record.Address.ToString()).Order(StringComparer.Ordinal), Addresses(answer));
    }

    private static string Show(ClientRecord record) => $"{record.DomainName.Value} {record.TimeToLive} " + record switch
    {
        AddressRecord address => $"{address.Address}",
        CNameRecord alias => alias.CanonicalName.Value,
        NsRecord server => server.NSDName.Value,
        PtrRecord pointer => pointer.PtrDomainName.Value,
        MxRecord mail => $"{mail.Preference} {mail.Exchange.Value}",
        SrvRecord service => $"{service.Priority} {service.Weight} {service.Port} {service.Target.Value}",
        SoaRecord zone => $"{zone.MName.Value} {zone.Serial} {zone.Minimum}",
        TxtRecord text => string.Concat(text.EscapedText),
        _ => $"TYPE{(int)record.RecordType}",
    };

    private static IEnumerable<string> Show(DnsMessage message)
    {
        var list = new List<string>();
        foreach (var record in message.Records)
        {
            if (record.Type != DnsQueryType.Opt)
            {
                list.Add($"{record.Name.ToString()}. {record.Ttl} {Show(record)}");
            }
        }

        return list.Order(StringComparer.Ordinal);
    }

    private static string Show(WireRecord record) => record.Type switch
    {
        _ when !record.Address.IsEmpty => $"{new IPAddress(record.Address)}",
        DnsQueryType.CName or DnsQueryType.Ns or DnsQueryType.Ptr => $"{record.Target.ToString()}.",
        DnsQueryType.Mx => $"{new DnsMailExchange(record).Preference} {record.Target.ToString()}.",
        DnsQueryType.Srv => Location(new DnsServiceLocation(record)),
        DnsQueryType.Soa => $"{record.Target.ToString()}. {new DnsZoneStart(record).Serial} {new DnsZoneStart(record).Minimum}",
        DnsQueryType.Txt => Texts(record),
        _ => $"TYPE{record.Type}",
    };

    private static string Location(DnsServiceLocation service) => $"{service.Priority} {service.Weight} {service.Port} {service.Target.ToString()}.";

    private static string Texts(WireRecord record)
    {
        var text = new StringBuilder();
        foreach (var part in new DnsTexts(record))
        {
            text.Append(Encoding.ASCII.GetString(part));
        }

        return text.ToString();
    }

    private static IEnumerable<string> Addresses(DnsAnswer answer)
    {
        var list = new List<string>();
        foreach (var address in answer.Addresses)
        {
            list.Add(new IPAddress(address.Bytes).ToString());
        }

        return list.Order(StringComparer.Ordinal);
    }
}
