using System.Text.Json.Nodes;
using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Generation;

/// <summary>Makes the L7 part of port rules and notes the requests it is about.</summary>
internal sealed class L7Generator(CaseRandom random, CaseHints hints)
{
    private static readonly string[] Topics = ["orders", "audit", "pay.v1"];
    private static readonly string[] HeaderValues = ["1", "2", ""];
    private static readonly string[] DnsPatterns = ["*", "*.one.test", "**.one.test", "*one.test", "a*.one.test", "www.*.test", "**", "*.*.test", "x_*.three.test"];
    private static readonly string[] ServerPatterns = ["*.one.test", "**.one.test", "api.one.test", "*", "two.test", "w*.two.test", "One.Test."];
    private static readonly string[] KafkaKeys = ["produce", "fetch", "metadata", "offsetcommit", "joingroup", "apiversions", "createtopics", "Heartbeat"];

    private readonly RegexGenerator _regexes = new(random);

    public JsonArray Http() => new([.. random.Some(1, 4, HttpRule)]);

    /// <summary>Extension: calls of one service or method.</summary>
    public JsonArray Grpc() => new([.. random.Some(1, 2, GrpcRule)]);

    public JsonArray Dns(bool isExtension) => new([.. random.Some(1, 3, () => DnsRule(isExtension))]);

    public JsonArray Kafka(bool isExtension) => new([.. random.Some(1, 3, () => KafkaRule(isExtension))]);

    public JsonArray ServerNames() => new([.. random.Some(1, 3, () => (JsonNode)random.Pick(ServerPatterns))]);

    private JsonNode HttpRule()
    {
        var rule = new JsonObject();
        var path = _regexes.Path();
        var (method, sentMethod) = random.Pick([("GET", "GET"), ("POST", "POST"), ("GET|HEAD", "HEAD"), ("P.*", "PUT"), ("get", "get")]);
        var (host, sentHost) = random.Pick([(@"api\.shop", "api.shop"), (@".*\.shop(:8080)?", "x.shop:8080"), ("(?i)API.shop", "api.SHOP")]);
        List<HeaderLine> headers = [];
        SetSometimes(rule, "path", path.Pattern, 85);
        SetSometimes(rule, "method", method, 45);
        SetSometimes(rule, "host", host, 12);
        if (random.Chance(15))
        {
            var (written, sent) = random.Pick([("X-T", "9"), ("X-T 1", "1"), ("X-T: 1", "1"), ("X-T:", "1"), ("x-t::  2", " 2"), ("x-t 1,2", "1,2")]);
            rule["headers"] = new JsonArray(written);
            headers.Add(new HeaderLine("x-T", sent));
        }

        if (random.Chance(20))
        {
            rule["headerMatches"] = new JsonArray([.. random.Some(1, 2, () => HeaderMatch(headers))]);
        }

        for (var i = 0; i < 3; i++)
        {
            hints.Http.Add(new HttpQuestion(random.Chance(80) ? sentMethod : "GET", path.Sample(), random.Chance(80) ? sentHost : "other", headers));
        }

        return rule;
    }

    private JsonNode HeaderMatch(List<HeaderLine> headers)
    {
        var name = random.Pick(["X-K", "x-t", "X-Other"]);
        var match = new JsonObject { ["name"] = name };
        if (random.Chance(85))
        {
            var value = random.Pick(HeaderValues);
            match["value"] = value;
            headers.Add(new HeaderLine(name, value));
        }

        if (random.Chance(60))
        {
            match["mismatch"] = random.Pick(["LOG", "ADD", "DELETE", "REPLACE"]);
        }

        if (random.Chance(10))
        {
            match["secret"] = new JsonObject { ["name"] = random.Pick(["token", "missing"]), ["namespace"] = "n1" };
        }

        return match;
    }

    private JsonNode GrpcRule()
    {
        var rule = new JsonObject();
        SetSometimes(rule, "service", random.Pick(["shop.v1.Orders", "shop.*", "*.Orders", "shop.v1.*", "*"]), 80);
        SetSometimes(rule, "method", random.Pick(["Get", "Get*", "*Order", "GetOrder"]), 60);
        if (random.Chance(20))
        {
            rule["metadata"] = new JsonObject { ["x-t"] = random.Pick(["1", "2"]) };
        }

        for (var i = 0; i < 3; i++)
        {
            var path = $"/{random.Pick(["shop.v1.Orders", "shop.v2.Orders", "other.Orders", "shop"])}/{random.Pick(["Get", "GetOrder", "List", "PutOrder"])}";
            List<HeaderLine> headers = [new("content-type", random.Pick(["application/grpc", "application/grpc+proto", "application/json"])), new("x-t", random.Pick(["1", "2"]))];
            hints.Http.Add(new HttpQuestion(random.Chance(85) ? "POST" : "GET", path, "api.shop", headers));
        }

        return rule;
    }

    private JsonNode DnsRule(bool isExtension)
    {
        var rule = new JsonObject();
        if (random.Chance(40))
        {
            rule["matchName"] = random.Pick(GeneratedWorld.DnsNames) + (random.Chance(20) ? "." : "");
        }

        if (rule.Count == 0 || random.Chance(10))
        {
            rule["matchPattern"] = random.Pick(DnsPatterns);
        }

        if (isExtension && random.Chance(30))
        {
            rule["queryTypes"] = new JsonArray([.. random.Some(1, 2, () => (JsonNode)random.Pick(["A", "AAAA", "TXT"]))]);
        }

        return rule;
    }

    private JsonNode KafkaRule(bool isExtension)
    {
        var rule = new JsonObject();
        if (random.Chance(45))
        {
            rule["role"] = random.Pick(["produce", "consume", "Produce"]);
        }
        else
        {
            SetSometimes(rule, "apiKey", random.Pick(KafkaKeys), 70);
        }

        SetSometimes(rule, "apiVersion", random.Pick(["0", "1", "2"]), 12);
        SetSometimes(rule, "clientID", random.Pick(["loader", "reader"]), 15);
        SetSometimes(rule, "topic", random.Pick(Topics), 65);
        SetSometimes(rule, "groupId", random.Pick(["g1", "g2"]), isExtension ? 25 : 0);
        SetSometimes(rule, "transactionalId", random.Pick(["x1", "x2"]), isExtension ? 25 : 0);
        return rule;
    }

    private void SetSometimes(JsonObject rule, string name, string value, int percent)
    {
        if (random.Chance(percent))
        {
            rule[name] = value;
        }
    }
}
