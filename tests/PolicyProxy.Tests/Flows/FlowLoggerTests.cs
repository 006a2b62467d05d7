using Microsoft.Extensions.Logging;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using static PolicyProxy.Tests.Flows.SampleFlows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowLoggerTests
{
    [Fact]
    public void FlowLogger_denied_request_is_logged_with_rule_and_without_query()
    {
        var logger = new RecordingLogger<FlowLogger>();
        using var flows = new FlowLogger(logger);
        flows.OnFlow(DeniedDelete("http://user:pw@api/admin?token=secret"));
        var entry = Assert.Single(logger.Entries);
        Assert.Equal((LogLevel.Information, 2100, "RequestDenied"), (entry.Level, entry.Id.Id, entry.Id.Name));
        Assert.Equal(
            "HTTP/1.1 DELETE http://user:HUBBLE_REDACTED@api/admin from default/frontend-7c9-x1:40032 to default/api-6d4cf-1:8080 denied (NoRuleMatched, Ingress): "
            + "no rule matches the request; nearest CiliumNetworkPolicy/default/api-l7 spec.ingress[0].toPorts[0].rules.http[1] (policies/api.yaml:41): "
            + "method \"DELETE\" does not match \"GET\"",
            entry.Text);
    }

    [Theory]
    [InlineData(FlowVerdict.Dropped, FlowType.L3L4, "ConnectionDenied")]
    [InlineData(FlowVerdict.Audit, FlowType.L3L4, "ConnectionAudited")]
    [InlineData(FlowVerdict.Dropped, FlowType.L7, "RequestDenied")]
    [InlineData(FlowVerdict.Audit, FlowType.L7, "RequestAudited")]
    [InlineData(FlowVerdict.Error, FlowType.L7, "FlowFailed")]
    [InlineData(FlowVerdict.Forwarded, FlowType.L7, "FlowForwarded")]
    [InlineData(FlowVerdict.Redirected, FlowType.L3L4, "FlowForwarded")]
    public void FlowLogger_verdict_decides_the_event(FlowVerdict verdict, FlowType type, string name)
    {
        var logger = new RecordingLogger<FlowLogger>();
        using var flows = new FlowLogger(logger);
        flows.OnFlow(DeniedDelete() with { Verdict = verdict, Type = type });
        Assert.Equal(name, Assert.Single(logger.Entries).Id.Name);
    }

    [Fact]
    public void FlowLogger_allowed_requests_are_silent_at_information()
    {
        var logger = new RecordingLogger<FlowLogger>(LogLevel.Information);
        using var flows = new FlowLogger(logger);
        flows.OnFlow(Request(Frontend(), Api(8080), FlowVerdict.Forwarded, Http("GET", "http://api/")));
        Assert.Empty(logger.Entries);
    }

    [Fact]
    public void FlowLogger_denials_are_sampled_per_reason_and_second_and_none_goes_uncounted()
    {
        var logger = new RecordingLogger<FlowLogger>();
        var time = new ManualTime();
        var flows = new FlowLogger(logger, time, denialsPerSecond: 2);
        Deny(flows, VerdictReason.NoRuleMatched, 5);
        Deny(flows, VerdictReason.DeniedByRule, 1);
        Assert.Equal(["RequestDenied", "RequestDenied", "RequestDenied"], Names(logger));

        time.Advance(TimeSpan.FromSeconds(1));
        Deny(flows, VerdictReason.NoRuleMatched, 4);
        Assert.Equal(["DenialsSuppressed", "RequestDenied", "RequestDenied"], Names(logger)[3..]);
        Assert.Equal("3 more denials or audits for the reason NoRuleMatched were not logged", logger.Entries[3].Text);

        flows.Dispose();
        Assert.Equal("2 more denials or audits for the reason NoRuleMatched were not logged", Assert.Single(logger.Entries[6..]).Text);
    }

    [Fact]
    public void FlowLogger_request_cannot_forge_a_log_line()
    {
        var logger = new RecordingLogger<FlowLogger>();
        using var flows = new FlowLogger(logger);
        flows.OnFlow(DeniedDelete("http://api/\r\ninfo: all is well\u001b[2K"));
        Assert.All(Assert.Single(logger.Entries).Text, c => Assert.False(char.IsControl(c)));
    }

    private static void Deny(FlowLogger flows, VerdictReason reason, int count)
    {
        for (var i = 0; i < count; i++)
        {
            flows.OnFlow(DeniedDelete() with { Reason = reason });
        }
    }

    private static string[] Names(RecordingLogger<FlowLogger> logger) => [.. logger.Entries.Select(entry => entry.Id.Name!)];

    private sealed class ManualTime : TimeProvider
    {
        private long _ticks = TimeSpan.TicksPerHour;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => _ticks;

        public void Advance(TimeSpan by) => _ticks += by.Ticks;
    }
}
