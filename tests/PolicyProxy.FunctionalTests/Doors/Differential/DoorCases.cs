using System.Text;
using System.Text.Json.Nodes;
using PolicyProxy.Protocols.Http;
using PolicyProxy.TestKit.Generation;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.FunctionalTests.Doors.Differential;

/// <summary>One random set of HTTP and gRPC rules, and requests that match them, nearly match them, or can be read in two ways.</summary>
/// <param name="Http">Rules of a CiliumNetworkPolicy, as JSON.</param>
/// <param name="Grpc">Rules of the extension kind, as JSON.</param>
/// <param name="Requests">Well-formed requests.</param>
internal sealed record DoorCases(string Http, string Grpc, IReadOnlyList<HttpQuestion> Requests)
{
    private static readonly string[] s_twists = ["//", "/./", "/../", "%2F", "/%2e%2e/", ";x=1", "?a=/../b", "%41", "%", "/", "%5C", "\\", "%25", "/."];
    private static readonly char[] s_scratch = new char[HttpLimits.Default.MaxScratchChars];

    /// <summary>Makes a set. The same seed makes the same set.</summary>
    public static DoorCases Create(ulong seed, int requests)
    {
        var random = new CaseRandom(seed);
        var hints = new CaseHints();
        var generator = new L7Generator(random, hints);
        var http = generator.Http();
        foreach (var match in http.OfType<JsonObject>().SelectMany(static rule => rule["headerMatches"] as JsonArray ?? []).OfType<JsonObject>())
        {
            match.Remove("secret"); // the objects of these policies live elsewhere
            if (match["value"] is null)
            {
                match["value"] = "1";
            }
        }

        var grpc = generator.Grpc();
        var made = new List<HttpQuestion>();
        while (made.Count < requests)
        {
            if (Twist(random, random.Pick(hints.Http)) is var question && IsWellFormed(question))
            {
                made.Add(question);
            }
        }

        return new DoorCases(http.ToJsonString(), grpc.ToJsonString(), made);
    }

    /// <summary>The policies on one side of a connection.</summary>
    /// <param name="direction">ingress or egress.</param>
    /// <param name="peers">The peers of the rule, in flow style.</param>
    /// <param name="subject">Value of the subject's label <c>app</c>.</param>
    /// <param name="port">Destination port.</param>
    public IReadOnlyList<string> Policies(string direction, string peers, string subject, int port) =>
    [
        Policy("cilium.io/v2", "CiliumNetworkPolicy", $"http: {Http}", direction, peers, subject, port),
        Policy("policyproxy.dev/v1alpha1", "L7NetworkPolicy", $"grpc: {Grpc}", direction, peers, subject, port),
    ];

    /// <summary>The request as HTTP/1.1 bytes.</summary>
    public static string Wire(HttpQuestion question)
    {
        var text = new StringBuilder().Append(question.Method).Append(' ').Append(question.Path).Append(" HTTP/1.1\r\nHost: ").Append(question.Host).Append("\r\n");
        foreach (var (name, value) in question.Headers)
        {
            text.Append(name).Append(": ").Append(value).Append("\r\n");
        }

        return text.Append("\r\n").ToString();
    }

    private static HttpQuestion Twist(CaseRandom random, HttpQuestion question)
    {
        var path = question.Path;
        if (random.Chance(25))
        {
            path = path.Insert(random.Between(1, path.Length), random.Pick(s_twists));
        }

        var headers = question.Headers.Select(static header => header with { Value = header.Value.Trim() }).ToList();
        if (headers.Count > 0 && random.Chance(15))
        {
            headers.Add(headers[0] with { Value = random.Pick(["1", "9", ""]) });
        }

        if (random.Chance(4))
        {
            headers.Add(random.Pick<HeaderLine>([new("X-HTTP-Method-Override", "DELETE"), new("X-Original-URL", "/a"), new("x-http-method", "GET")]));
        }

        return question with { Path = path, Headers = headers };
    }

    // What is malformed is refused by each server in its own way, and another test's matter.
    private static bool IsWellFormed(HttpQuestion question) =>
        Http1Request.TryParse(Encoding.Latin1.GetBytes(Wire(question)), HttpLimits.Default, s_scratch, out _, out _);

    private static string Policy(string apiVersion, string kind, string rules, string direction, string peers, string subject, int port) => $$"""
        apiVersion: {{apiVersion}}
        kind: {{kind}}
        metadata: {name: shop, namespace: default}
        spec:
          endpointSelector: {matchLabels: {app: {{subject}} } }
          {{direction}}:
          - {{peers}}
            toPorts:
            - ports: [{port: "{{port}}", protocol: TCP}]
              rules: { {{rules}} }
        """;
}
