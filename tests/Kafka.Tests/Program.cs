using PolicyProxy.Kafka.Tests.Brokers;
using PolicyProxy.Kafka.Tests.Clients;

namespace PolicyProxy.Kafka.Tests;

/// <summary>The tests' own programs: a client, and brokers for tests that run against brokers of another process.</summary>
internal static class Program
{
    public static int Main(string[] args)
    {
        switch (args)
        {
            case ["produce", var bootstrap, var topic, var folder]:
                return ConfluentClient.Produce(bootstrap, topic, folder);
            case ["consume", var bootstrap, var topic, var group, var count]:
                return ConfluentClient.Consume(bootstrap, topic, group, int.Parse(count, System.Globalization.CultureInfo.InvariantCulture));
            case ["brokers", ..]:
                using (var brokers = MockBrokers.Start(args is [_, var number] ? int.Parse(number, System.Globalization.CultureInfo.InvariantCulture) : 1))
                {
                    Console.WriteLine(string.Join(',', brokers.Addresses));
                    _ = Console.In.ReadToEnd(); // until whoever started them goes
                }

                return 0;
            default:
                Console.Error.WriteLine("produce BOOTSTRAP TOPIC FOLDER | consume BOOTSTRAP TOPIC GROUP COUNT | brokers [NUMBER]");
                return 2;
        }
    }
}
