using System.Diagnostics;
using System.Text;
using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Clients;

/// <summary>Confluent.Kafka as people use it, in a process of its own.</summary>
internal static class ConfluentClient
{
    /// <summary>Writes every file of a folder, in the order of their names.</summary>
    public static int Produce(string bootstrap, string topic, string folder)
    {
        var config = new ProducerConfig { BootstrapServers = bootstrap, EnableIdempotence = true };
        using var producer = new ProducerBuilder<string, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();
        var started = Stopwatch.GetTimestamp();
        try
        {
            foreach (var file in Directory.GetFiles(folder).Order(StringComparer.Ordinal))
            {
                var headers = new Headers { { "trace", "4bf92f35"u8.ToArray() }, { "source", "tests"u8.ToArray() } };
                var message = new Message<string, byte[]> { Key = "key-1", Value = File.ReadAllBytes(file), Headers = headers };
                producer.ProduceAsync(topic, message).GetAwaiter().GetResult();
            }

            return 0;
        }
        catch (ProduceException<string, byte[]> error)
        {
            return Fail(error.Error, started);
        }
    }

    /// <summary>Reads in a group, and prints, a number of messages.</summary>
    public static int Consume(string bootstrap, string topic, string group, int count)
    {
        var config = new ConsumerConfig { BootstrapServers = bootstrap, GroupId = group, AutoOffsetReset = AutoOffsetReset.Earliest };
        using var consumer = new ConsumerBuilder<string, byte[]>(config).SetLogHandler(static (_, _) => { }).Build();
        consumer.Subscribe(topic);
        var started = Stopwatch.GetTimestamp();
        using var output = Console.OpenStandardOutput();
        try
        {
            for (var i = 0; i < count; i++)
            {
                var message = consumer.Consume(CancellationToken.None).Message;
                var headers = message.Headers.Select(static header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}");
                output.Write(Encoding.UTF8.GetBytes($"{Encoding.UTF8.GetByteCount(message.Key)} {message.Value.Length} {string.Join(',', headers)}\n{message.Key}"));
                output.Write(message.Value);
                output.WriteByte((byte)'\n');
            }

            consumer.Close();
            return 0;
        }
        catch (ConsumeException error)
        {
            return Fail(error.Error, started);
        }
    }

    private static int Fail(Error error, long started)
    {
        Console.Error.WriteLine($"{error.Code} after {Stopwatch.GetElapsedTime(started).TotalSeconds:0.000} s");
        return 1;
    }
}
