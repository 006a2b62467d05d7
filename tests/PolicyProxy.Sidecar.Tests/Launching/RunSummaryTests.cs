using System.Net;
using System.Text.Json;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Commands.Explaining;
using PolicyProxy.Sidecar.Launching.Confining;
using PolicyProxy.Sidecar.Launching.Summary;
using PolicyProxy.Sidecar.Tests.Commands;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>What is counted and proposed at the end of a run, from flows of the real gate.</summary>
public sealed class RunSummaryTests : IDisposable
{
    private static readonly LabelSet s_labels = SubjectLabels.Parse("app=worker", "default");

    private readonly PolicyFolder _folder = new();
    private readonly string _file;
    private readonly RunSummary _summary = new([]);

    public RunSummaryTests() => _file = _folder.Write("policy.yaml", RunPolicies.Worker);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public void Requests_are_counted_and_not_their_connections()
    {
        using var gate = new Judged(_file, _summary);
        gate.Http("GET", "/public");
        gate.Http("GET", "/public");
        gate.Http("POST", "/x");
        gate.Connect("192.0.2.1", 443);

        Assert.Equal((2, 2), (_summary.Allowed, _summary.Denied));
    }

    [Fact]
    public void Text_names_the_nearest_line_and_what_would_allow_it()
    {
        using var gate = new Judged(_file, _summary);
        gate.Http("GET", "/public");
        gate.Http("POST", "/a.b?c=d");
        gate.Http("POST", "/a.b?c=d");
        gate.Connect("192.0.2.1", 443);

        Assert.Equal(
            $"""
            policyproxy: 1 allowed, 3 denied
              2x POST http://api.example/a.b?c=d: path "/a.b?c=d" does not match "/public"
                 nearest rule: {_file}:12
                 to allow it, add after the rule at {_file}:12:
                   - method: POST
                     path: '/a\.b\?c=d'
              1x tcp 192.0.2.1:443: peer is not in cidr:203.0.113.0/24
                 nearest rule: {_file}:9
                 to allow it, add to egress of worker at {_file}:7:
                   - toCIDR:
                     - 192.0.2.1/32
                     toPorts:
                     - ports:
                       - port: "443"
                         protocol: TCP

            """,
            Text());
    }

    [Theory]
    [InlineData("POST", "/a.b?c=d&e='f'")]
    [InlineData("PATCH", "/(x)[1]{2}^$|+*")]
    [InlineData("GET", "/yes")]
    [InlineData("GET", "/null")]
    public void Proposed_rule_allows_the_request_and_only_it(string method, string path)
    {
        using (var before = new Judged(_file, _summary))
        {
            Assert.False(before.Http(method, path));
        }

        var allowing = _summary.Top(1)[0].Traffic.Allowing!;
        Append(allowing.Yaml, 8);

        using var after = new Judged(_file, new RunSummary([]));
        Assert.True(after.Http(method, path));
        Assert.False(after.Http(method, path + "x"));
        Assert.False(after.Http(method + "X", path));
    }

    [Theory]
    [InlineData("192.0.2.1")]
    [InlineData("2001:db8::1")]
    public void Proposed_rule_allows_the_connection_and_only_it(string address)
    {
        using (var before = new Judged(_file, _summary))
        {
            Assert.False(before.Connect(address, 443));
        }

        Append(_summary.Top(1)[0].Traffic.Allowing!.Yaml, 2);

        using var after = new Judged(_file, new RunSummary([]));
        Assert.True(after.Connect(address, 443));
        Assert.False(after.Connect(address, 444));
        Assert.False(after.Connect(address + "0", 443));
    }

    [Fact]
    public void Audited_traffic_is_counted_apart()
    {
        using var gate = new Judged(_file, _summary) { Audit = true };
        gate.Http("POST", "/x");

        Assert.Equal((0, 0, 1), (_summary.Allowed, _summary.Denied, _summary.Audited));
        Assert.StartsWith("policyproxy: 0 allowed, 0 denied, 1 let through by --audit that policy denies\n  1x POST", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Denial_of_a_probe_is_not_the_commands()
    {
        var summary = new RunSummary([ProbeTarget.Parse("tcp/192.0.2.1:443")]);
        using var gate = new Judged(_file, summary);
        gate.Connect("192.0.2.1", 443);
        Assert.Equal(0, summary.Denied);

        gate.Connect("192.0.2.1", 443);
        Assert.Equal(1, summary.Denied);
    }

    [Fact]
    public void Memory_is_bounded_and_the_count_is_not()
    {
        using var gate = new Judged(_file, _summary);
        for (var i = 0; i < RunSummary.MaxDistinct + 50; i++)
        {
            gate.Http("POST", $"/{i}");
        }

        Assert.Equal((RunSummary.MaxDistinct + 50, 50, RunSummary.MaxDistinct), (_summary.Denied, _summary.Others, _summary.Top(int.MaxValue).Count));
        Assert.EndsWith("  and 50 denials of more than 1000 kinds\n", Text(), StringComparison.Ordinal);
    }

    [Fact]
    public void Json_is_one_line()
    {
        using var gate = new Judged(_file, _summary);
        gate.Http("POST", "/x");
        using var text = new StringWriter();
        RunSummaryWriter.WriteJson(_summary, text);

        using var json = JsonDocument.Parse(text.ToString());
        var denial = json.RootElement.GetProperty("denials")[0];
        Assert.Equal(1, text.ToString().Count(c => c == '\n'));
        Assert.Equal("POST http://api.example/x", denial.GetProperty("what").GetString());
        Assert.Equal(12, denial.GetProperty("rule").GetProperty("line").GetInt32());
        Assert.Equal("- method: POST\n  path: /x", denial.GetProperty("allow").GetProperty("yaml").GetString());
    }

    [Fact]
    public void Text_from_the_network_cannot_drive_a_terminal()
    {
        using var gate = new Judged(_file, _summary);
        gate.Http("POST", "/\u001b[2J");

        Assert.DoesNotContain('\u001b', Text());
    }

    private string Text()
    {
        using var text = new StringWriter();
        RunSummaryWriter.WriteText(_summary, text);
        return text.ToString();
    }

    private void Append(IEnumerable<string> yaml, int indentation) =>
        File.AppendAllText(_file, "\n" + string.Join('\n', yaml.Select(line => new string(' ', indentation) + line)));

    /// <summary>The real gate, with the policy of a file, and a summary that listens.</summary>
    private sealed class Judged : IDisposable
    {
        private readonly PolicyEngine _engine = new(new PolicyCompilerOptions());
        private readonly PolicyGate _gate;

        public Judged(string file, RunSummary summary)
        {
            var compilation = _engine.Publish(PolicyFiles.Read(file).Input);
            Assert.True(compilation.Succeeded, string.Join('\n', compilation.Diagnostics));
            var flows = new FlowPublisher();
            flows.Add(summary);
            _gate = new PolicyGate(_engine, flows, TimeProvider.System);
        }

        public bool Audit { get; init; }

        public bool Connect(string address, ushort port) => _gate.Connect(Tuple(address, port), out _).Allowed;

        public bool Http(string method, string path)
        {
            _ = _gate.Connect(Tuple("203.0.113.7", 80), out var permit);
            return _gate.Check(ref permit, new TextHttpRequest(method, "http", "api.example", path, [])).Allowed;
        }

        public void Dispose() => _engine.Dispose();

        private ConnectionTuple Tuple(string address, ushort port) => new()
        {
            Direction = TrafficDirection.Egress,
            Subject = _engine.Identities.GetWorkload(s_labels),
            Protocol = TransportProtocol.Tcp,
            Port = port,
            Destination = new IPEndPoint(IPAddress.Parse(address), port),
            Audit = Audit,
        };
    }
}
