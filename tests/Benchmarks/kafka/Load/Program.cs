using System.Globalization;
using System.Net;
using PolicyProxy.Benchmarks.Kafka;
using PolicyProxy.Kafka.Tests.Brokers;

// broker ADDRESS:      librdkafka's mock cluster, which names ADDRESS as its own, or its real one if that is "-"; prints the real one and runs until its input ends
// produce SERVER S:    bytes a second that a producer gets acknowledged in S seconds; paced: likewise, of 200 MB a second that it offers
// consume SERVER S:    bytes a second that a consumer gets in S seconds; drawn: likewise, of 200 MB a second that it asks for
// latency SERVER N:    median and 99th percentile, in microseconds, of N requests one after the other
switch (args)
{
    case ["broker", var advertised]:
        using (var brokers = MockBrokers.Start())
        {
            brokers.CreateTopic("load");
            if (advertised != "-")
            {
                brokers.Advertise(1, IPEndPoint.Parse(advertised));
            }

            Console.WriteLine(brokers.Addresses[0]);
            while (Console.ReadLine() is not null)
            {
            }
        }

        return 0;
    case ["produce", var server, var seconds]:
        Console.WriteLine(Throughput.Produce(server, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), double.MaxValue));
        return 0;
    case ["paced", var server, var seconds]:
        Console.WriteLine(Throughput.Produce(server, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), 200e6));
        return 0;
    case ["consume", var server, var seconds]:
        Console.WriteLine(Throughput.Consume(server, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), double.MaxValue));
        return 0;
    case ["drawn", var server, var seconds]:
        Console.WriteLine(Throughput.Consume(server, TimeSpan.FromSeconds(int.Parse(seconds, CultureInfo.InvariantCulture)), 200e6));
        return 0;
    case ["latency", var server, var count]:
        Console.WriteLine(Latency.Measure(IPEndPoint.Parse(server), int.Parse(count, CultureInfo.InvariantCulture)));
        return 0;
    default:
        Console.Error.WriteLine("broker ADDRESS | produce SERVER SECONDS | paced SERVER SECONDS | consume SERVER SECONDS | drawn SERVER SECONDS | latency SERVER COUNT");
        return 2;
}
