using System.Net;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Relay;
using static PolicyProxy.Sidecar.Tests.Relay.Origins.TransparentBench;

namespace PolicyProxy.Sidecar.Tests.Relay.Origins;

/// <summary>Connections to addresses that an answer gave for an allowed name, under <see cref="FqdnBinding.Strict"/>.</summary>
public sealed class LearnedDestinationTests
{
    private const string Get = "GET / HTTP/1.1\r\nHost: good.test\r\n\r\n";

    private static readonly IPAddress s_held = IPAddress.Parse("127.0.0.2");
    private static readonly IPAddress s_other = IPAddress.Parse("127.0.0.3");

    [Fact]
    public async Task Live_connection_keeps_its_name_beyond_its_time_and_no_longer()
    {
        await using var upstream = Answering();
        await using var bench = await OpenAsync(upstream.Address.Port, new RelayOptions());
        var identities = Identities(bench);
        var now = DateTimeOffset.UtcNow;
        using (var live = await bench.ConnectAsync(upstream.Address))
        {
            Assert.Equal(200, (await live.SendAsync(Get)).Status);
            identities.Expire(now.AddDays(1));

            Assert.Equal(["good.test"], identities.Current.NamesOf(s_held));
            Assert.Empty(identities.Current.NamesOf(s_other));
            Assert.Equal(200, (await live.SendAsync(Get)).Status);
            using var second = await bench.ConnectAsync(upstream.Address);
            Assert.Equal(200, (await second.SendAsync(Get)).Status);
        }

        await RelayBench.UntilAsync(() => bench.Server.Counters.Active == 0, "both connections to end");
        identities.Expire(now.AddDays(2)); // the grace begins
        identities.Expire(now.AddDays(3));
        Assert.Empty(identities.Current.NamesOf(s_held));
        Assert.Equal(0, identities.LearnedCount);
        await AssertResetAsync(() => bench.ConnectAsync(upstream.Address));
    }

    [Fact]
    public async Task Client_that_waits_for_its_server_to_speak_is_refused_with_the_reason()
    {
        await using var upstream = Answering();
        await using var bench = await OpenAsync(upstream.Address.Port, new RelayOptions { NameTimeout = TimeSpan.FromMilliseconds(200) });

        await AssertResetAsync(() => bench.ConnectAsync(upstream.Address));

        var denial = Assert.Single(bench.Seen(), static flow => flow.Reason == VerdictReason.NameNotVisible);
        Assert.Contains("a server that speaks first needs a rule by address", denial.Note, StringComparison.Ordinal);
        Assert.Equal(0, upstream.Connections);
    }

    private static IdentityTable Identities(TransparentBench bench) => bench.Server.Services.GetRequiredService<PolicyEngine>().Identities;

    private static ScriptedUpstream Answering() => ScriptedUpstream.Start(
        static async connection =>
        {
            while (await connection.AnswerAsync("HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"))
            {
            }
        },
        new IPEndPoint(s_held, 0));

    private static async Task<TransparentBench> OpenAsync(int port, RelayOptions relay)
    {
        var rule = $$"""{toFQDNs: [{matchName: good.test}], toPorts: [{ports: [{port: "{{port}}", protocol: TCP}]}]}""";
        var bench = await StartAsync(EgressPolicy(rule), options => options with { FqdnBinding = FqdnBinding.Strict, Relay = relay });
        foreach (var address in (IPAddress[])[s_held, s_other])
        {
            Identities(bench).Learn("good.test", address, DateTimeOffset.UtcNow.AddMinutes(10));
        }

        return bench;
    }
}
