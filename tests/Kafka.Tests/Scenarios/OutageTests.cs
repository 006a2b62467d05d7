using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Scenarios;

/// <summary>Brokers and proxies that go and come back, under a producer that wants every message acknowledged.</summary>
public sealed class OutageTests
{
    private const int Step = 500;
    private const string Rules = "[{role: produce, topic: orders}]";

    [Fact]
    public async Task Messages_survive_an_outage_of_the_broker()
    {
        await using var bench = await KafkaBench.StartAsync(Rules);
        await SurviveAsync(bench, async sent =>
        {
            bench.Brokers.SetDown(1);
            var later = sent();
            Assert.True(SpinWait.SpinUntil(() => bench.Counters.UpstreamConnectFailures > 0, Confluent.Limit));
            bench.Brokers.SetUp(1);
            await later;
        });
    }

    // What is cut off between a broker and the client comes again, and these brokers do not know it again.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Messages_survive_restarts_of_the_proxy(bool cuts)
    {
        await using var bench = await KafkaBench.StartAsync(Rules);
        await SurviveAsync(
            bench,
            async sent =>
            {
                for (var i = 0; i < 3; i++)
                {
                    var later = sent();
                    await bench.RestartAsync(cuts);
                    await later;
                }
            },
            mayRepeat: cuts);
    }

    // Every message that was acknowledged is there, once, in order.
    private static async Task SurviveAsync(KafkaBench bench, Func<Func<Task>, Task> disturb, bool mayRepeat = false)
    {
        bench.Brokers.CreateTopic("orders");
        var count = 0;
        using (var producer = Confluent.Producer(bench, static config => (config.Acks, config.ReconnectBackoffMaxMs) = (Acks.All, 500)))
        {
            await SendAsync();
            await disturb(SendAsync);
            await SendAsync();

            async Task SendAsync() => await Task.WhenAll(Enumerable.Range(0, Step).Select(_ => producer.SendAsync("orders", $"{count++}")).ToArray());
        }

        var there = bench.Brokers.Read("orders");
        Assert.Equal(Enumerable.Range(0, count).Select(static i => $"{i}"), mayRepeat ? there.Distinct() : there);
        Assert.Equal(0, bench.Counters.Denied);
    }
}
