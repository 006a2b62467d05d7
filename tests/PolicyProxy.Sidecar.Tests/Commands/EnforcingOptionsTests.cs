using System.CommandLine;
using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class EnforcingOptionsTests
{
    [Theory]
    [InlineData("", true, true, false)]
    [InlineData("--kafka-topics denied", false, true, false)]
    [InlineData("--kafka-topics hidden --kafka-topic-ids", true, false, false)]
    [InlineData("--compat cilium", true, true, true)]
    public void EnforcingOptions_say_what_kafka_clients_see_and_whose_answer_counts(string line, bool hides, bool prefersNames, bool isCilium)
    {
        var options = new EnforcingOptions();
        var command = new RootCommand();
        foreach (var option in options.All)
        {
            command.Options.Add(option);
        }

        var parsed = command.Parse(line);

        Assert.Empty(parsed.Errors);
        Assert.Equal(new KafkaOptions { HidesTopics = hides, PrefersNames = prefersNames }, options.Kafka(parsed));
        Assert.Equal(isCilium, options.IsCiliumCompatible(parsed));
    }

    [Theory]
    [InlineData("--kafka-topics shown")]
    [InlineData("--compat calico")]
    public void EnforcingOptions_know_no_other_words(string line)
    {
        var command = new RootCommand();
        foreach (var option in new EnforcingOptions().All)
        {
            command.Options.Add(option);
        }

        Assert.NotEmpty(command.Parse(line).Errors);
    }
}
