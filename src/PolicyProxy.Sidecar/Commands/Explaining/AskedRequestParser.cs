using System.Globalization;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Kafka;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>
/// Reads requests as people type them: <c>GET http://host:8080/path?query</c>, <c>GET /path</c>, <c>grpc pkg.Service/Method</c>,
/// <c>dns AAAA www.example.com</c>, <c>tls www.example.com</c>, <c>produce orders</c>, <c>createtopics orders</c>, <c>connect tcp 5432</c>.
/// </summary>
internal static class AskedRequestParser
{
    public const string Forms =
        "\"GET http://host:8080/path\", \"GET /path\", \"grpc pkg.Service/Method\", \"dns A name\", \"tls name\", \"produce topic\", \"consume topic\", a Kafka request such as \"createtopics topic\", or \"connect tcp 5432\"";

    // That of listeners in the configuration Kafka comes with.
    private const ushort KafkaPort = 9092;

    /// <summary>Reads one request.</summary>
    /// <param name="text">The words of the request.</param>
    /// <param name="headerLines">Header lines, <c>Name: value</c>.</param>
    /// <param name="kafka">What options say of a Kafka request; null = nothing.</param>
    /// <exception cref="CommandFailureException">The text has none of the forms.</exception>
    public static AskedRequest Parse(string text, IReadOnlyList<string> headerLines, AskedKafkaOptions? kafka = null)
    {
        var asked = kafka ?? new AskedKafkaOptions();
        var words = text.Split(' ', StringSplitOptions.RemoveEmptyEntries);
        return words switch
        {
            ["connect", var protocol, var port] => Connect(text, protocol, port),
            ["connect", var port] => Connect(text, "tcp", port),
            ["dns", var name] => Dns(text, "A", name),
            ["dns", var type, var name] => Dns(text, type, name),
            ["tls"] => new AskedRequest(AskedKind.Tls, "tls without server name") { Port = 443 },
            ["tls", var name] => new AskedRequest(AskedKind.Tls, text) { Port = 443, Name = name, Host = name },
            ["produce", var topic] when IsTopic(topic) => Kafka(text, AskedKafkaRole.Producer(topic, asked)),
            ["consume", var topic] when IsTopic(topic) => Kafka(text, AskedKafkaRole.Consumer(topic, asked)),
            [var api] when KafkaApi.TryParse(api, out var key) => Kafka(text, new(new AskedKafka(key, string.Empty, asked), [])),
            [var api, var topic] when IsTopic(topic) && KafkaApi.TryParse(api, out var key) => Kafka(text, new(new AskedKafka(key, topic, asked), [])),
            ["grpc", var method] => Grpc(text, method, headerLines),
            [var method, var target] when IsMethod(method) => Http(text, method, target, headerLines),
            _ => throw new CommandFailureException($"cannot read the request \"{text}\": write {Forms}"),
        };
    }

    private static AskedRequest Http(string text, string method, string target, IReadOnlyList<string> headerLines)
    {
        if (target.StartsWith('/'))
        {
            return Http(text, method, "http", string.Empty, target, null, headerLines);
        }

        // Not System.Uri: it normalises paths, and the question is about the path as typed.
        var separator = target.IndexOf("://", StringComparison.Ordinal);
        var scheme = separator < 0 ? "http" : target[..separator];
        if (scheme is not ("http" or "https"))
        {
            throw new CommandFailureException($"cannot read the request \"{text}\": the scheme \"{scheme}\" is neither http nor https");
        }

        var rest = separator < 0 ? target : target[(separator + 3)..];
        var end = rest.IndexOfAny(['/', '?']);
        var authority = end < 0 ? rest : rest[..end];
        var path = end < 0 ? "/" : rest[end] == '/' ? rest[end..] : "/" + rest[end..];
        return Http(text, method, scheme, authority, path, scheme == "https" ? (ushort)443 : (ushort)80, headerLines);
    }

    private static AskedRequest Http(
        string text, string method, string scheme, string authority, string path, ushort? defaultPort, IReadOnlyList<string> headerLines)
    {
        var headers = headerLines.Select(ParseHeader).ToList();
        var host = headers.FindIndex(h => h.Key.Equals("host", StringComparison.OrdinalIgnoreCase));
        var sentAuthority = authority;
        if (host >= 0)
        {
            sentAuthority = headers[host].Value;
            headers.RemoveAt(host);
        }

        var (name, port) = SplitPort(authority);
        return new AskedRequest(AskedKind.Http, text)
        {
            Port = port ?? defaultPort,
            Host = name.Length == 0 ? null : name,
            Name = scheme == "https" ? name : string.Empty,
            Http = new TextHttpRequest(method, scheme, sentAuthority, path, headers),
        };
    }

    private static AskedRequest Grpc(string text, string method, IReadOnlyList<string> headerLines) =>
        Http(text, "POST", "http", string.Empty, "/" + method.TrimStart('/'), null, ["content-type: application/grpc", .. headerLines]);

    private static AskedRequest Dns(string text, string type, string name) => new(AskedKind.Dns, text)
    {
        Port = 53,
        Protocol = TransportProtocol.Udp,
        Name = name,
        QueryType = QueryTypeNumber(type) ?? throw new CommandFailureException($"\"{type}\" is not a DNS query type: write A, AAAA, TXT, ... or its number"),
    };

    private static AskedRequest Kafka(string text, AskedKafkaRole role) =>
        new(AskedKind.Kafka, text) { Port = KafkaPort, Kafka = role.Main, KafkaOthers = role.Others };

    // Topics have no slash, which targets of HTTP requests do.
    private static bool IsTopic(string word) => !word.Contains('/', StringComparison.Ordinal);

    private static AskedRequest Connect(string text, string protocol, string port) => new(AskedKind.Connection, text)
    {
        Port = ParsePort(port),
        Protocol = ParseProtocol(protocol),
    };

    private static TransportProtocol ParseProtocol(string text) => text.ToUpperInvariant() switch
    {
        "TCP" => TransportProtocol.Tcp,
        "UDP" => TransportProtocol.Udp,
        "SCTP" => TransportProtocol.Sctp,
        "ICMP" => TransportProtocol.Icmp,
        "ICMPV6" => TransportProtocol.IcmpV6,
        _ => throw new CommandFailureException($"\"{text}\" is not a protocol: write tcp, udp, sctp, icmp or icmpv6"),
    };

    private static ushort ParsePort(string text) => ushort.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        ? port
        : throw new CommandFailureException($"\"{text}\" is not a port number (0 to 65535)");

    private static (string Name, ushort? Port) SplitPort(string authority)
    {
        var colon = authority.LastIndexOf(':');
        var isBareIpv6 = authority.EndsWith(']');
        if (colon < 0 || isBareIpv6)
        {
            return (authority.Trim('[', ']'), null);
        }

        return (authority[..colon].Trim('[', ']'), ParsePort(authority[(colon + 1)..]));
    }

    private static KeyValuePair<string, string> ParseHeader(string line)
    {
        var colon = line.IndexOf(':', StringComparison.Ordinal);
        return colon > 0
            ? KeyValuePair.Create(line[..colon].Trim(), line[(colon + 1)..].Trim())
            : throw new CommandFailureException($"cannot read the header \"{line}\": write \"Name: value\"");
    }

    private static ushort? QueryTypeNumber(string type) => type.ToUpperInvariant() switch
    {
        "A" => 1,
        "NS" => 2,
        "CNAME" => 5,
        "SOA" => 6,
        "PTR" => 12,
        "MX" => 15,
        "TXT" => 16,
        "AAAA" => 28,
        "SRV" => 33,
        "NAPTR" => 35,
        "SVCB" => 64,
        "HTTPS" => 65,
        "ANY" => 255,
        var other => ushort.TryParse(other, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
    };

    // A token of RFC 9110 §5.6.2 that contains no path: "GET", "get", "M-SEARCH".
    private static bool IsMethod(string word) => word.All(c => char.IsAsciiLetterOrDigit(c) || "!#$%&'*+-.^_`|~".Contains(c, StringComparison.Ordinal));
}
