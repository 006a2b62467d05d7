using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;
using Xunit.Abstractions;

namespace PolicyProxy.Kafka.Tests.Matrix;

/// <summary>
/// Four families of clients under one policy: write <c>orders</c>, read <c>notifications</c>, nothing else. What is allowed arrives byte for byte; for what is
/// not, a client says its own words for a missing right, soon, and gives up.
/// </summary>
public abstract class ClientTests(WayFixture fixture, ITestOutputHelper log)
{
    // A client asks a few times at most for what it may not have, and makes a few connections.
    private const int FewDenied = 6;
    private const int FewArrived = 40;

    private const short Produce = 0;
    private const short Fetch = 1;
    private const short JoinGroup = 11;

    public static TheoryData<string> Clients => [.. KafkaClient.All.Keys];

    private Way Way => fixture.Way;

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_writes_what_it_may(string client)
    {
        var before = Way.Directly(servers => DirectClient.Read(servers, Way.Name("orders")));

        var result = await RunAsync(client, KafkaClient.All[client].Produce(Way.Bootstrap, Way.Name("orders"), fixture.Messages.Folder));

        Assert.True(result.Client.ExitCode == 0, $"{result.Client}");
        Assert.Equal(0, result.Denied);
        var after = Way.Directly(servers => DirectClient.Read(servers, Way.Name("orders")));
        var partition = Assert.Single(Enumerable.Range(0, after.Length), partition => after[partition].Length != before[partition].Length); // all have one key
        AssertSame([.. before[partition], .. fixture.Messages.Printed], after[partition]);
    }

    [Theory]
    [MemberData(nameof(Clients))]
    public async Task Client_reads_in_a_group_what_it_may(string client)
    {
        var command = KafkaClient.All[client].Consume(Way.Bootstrap, Way.Name("notifications"), Way.Name(client), fixture.Messages.Values.Length);

        var result = await RunAsync(client, command);

        Assert.True(result.Client.ExitCode == 0, $"{result.Client}");
        Assert.Equal(0, result.Denied);
        AssertSame(fixture.Messages.Printed, result.Client.Output);
    }

    [Theory]
    [MemberData(nameof(Writes))]
    public async Task Client_that_may_not_write_says_so(string client, string topic)
    {
        var before = Way.Directly(servers => DirectClient.Count(servers, Way.Name(topic)));

        var result = await RunAsync(client, KafkaClient.All[client].Produce(Way.Bootstrap, Way.Name(topic), fixture.Messages.Folder));

        AssertDenied(result, KafkaClient.All[client].ProduceError, Produce);
        Assert.Equal(before, Way.Directly(servers => DirectClient.Count(servers, Way.Name(topic))));
    }

    [Theory]
    [MemberData(nameof(Reads))]
    public async Task Client_that_may_not_read_says_so(string client, string topic)
    {
        var result = Log(client, await Way.RunWithoutGroupsAsync(KafkaClient.All[client].Consume(Way.Bootstrap, Way.Name(topic), Way.Name($"{client}-{topic}"), 1)));

        AssertDenied(result, KafkaClient.All[client].ConsumeError, Fetch);
        Assert.DoesNotContain(JoinGroup, result.Arrived ?? []);
        Assert.Empty(result.Client.Output);
    }

    /// <summary>A topic that no rule names, and one that may be read.</summary>
    public static TheoryData<string, string> Writes => Pairs("audit", "notifications");

    /// <summary>A topic that no rule names, and one that may be written.</summary>
    public static TheoryData<string, string> Reads => Pairs("audit", "orders");

    private static TheoryData<string, string> Pairs(params string[] topics)
    {
        var pairs = new TheoryData<string, string>();
        foreach (var client in KafkaClient.All.Keys)
        {
            foreach (var topic in topics)
            {
                pairs.Add(client, topic);
            }
        }

        return pairs;
    }

    private static void AssertDenied(JudgedResult result, string error, short key)
    {
        Assert.True(result.Client.ExitCode == 1, $"{result.Client}");
        Assert.Contains(error, result.Client.Errors);
        Assert.InRange(result.Denied, 1, FewDenied);
        if (result.Arrived is { } arrived)
        {
            Assert.InRange(arrived.Length, 1, FewArrived);
            Assert.DoesNotContain(key, arrived);
        }
    }

    private static void AssertSame(byte[] expected, byte[] actual) =>
        Assert.True(expected.AsSpan().SequenceEqual(actual), $"{actual.Length} bytes instead of {expected.Length}, the same up to {expected.AsSpan().CommonPrefixLength(actual)}");

    private async Task<JudgedResult> RunAsync(string client, string[] command) => Log(client, await Way.RunAsync(command));

    private JudgedResult Log(string client, JudgedResult result)
    {
        var said = string.Join(" | ", result.Client.Errors.Split('\n').Where(static line => line.Contains("after", StringComparison.Ordinal) || line.StartsWith('%')));
        log.WriteLine($"{client}: {result.Denied} requests denied, {result.Arrived?.Length} arrived; {said}");
        return result;
    }
}

/// <summary>Through a listener that the brokers name as theirs.</summary>
public sealed class ListenerClientTests(ListenerFixture fixture, ITestOutputHelper log) : ClientTests(fixture, log), IClassFixture<ListenerFixture>;

/// <summary>Under <c>policyproxy run</c>, with the brokers of <c>KAFKA_BOOTSTRAP</c> if there are any.</summary>
public sealed class ConfinedClientTests(ConfinedFixture fixture, ITestOutputHelper log) : ClientTests(fixture, log), IClassFixture<ConfinedFixture>;
