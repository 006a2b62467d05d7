using System.Text;
using Confluent.Kafka;

namespace PolicyProxy.Kafka.Tests.Clients;

/// <summary>Messages of every length that matters, with every byte there is.</summary>
internal sealed class Messages : IDisposable
{
    public const string Key = "key-1";
    public const string HeaderText = "trace=4bf92f35,source=tests";

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public Messages()
    {
        var random = new Random(7);
        Values = [.. new[] { 1, 2, 255, 4096, 16_384, 65_535, 102_400, 102_400, 102_400, 300_000, 10, 102_400 }.Select(length => Value(random, length))];
        for (var i = 0; i < Values.Length; i++)
        {
            File.WriteAllBytes(Path.Combine(_folder.FullName, $"{i:00}"), Values[i]);
        }
    }

    public byte[][] Values { get; }

    /// <summary>One file for each value.</summary>
    public string Folder => _folder.FullName;

    /// <summary>As clients print them: lengths and headers, then key and value.</summary>
    public byte[] Printed => [.. Values.SelectMany(static value => (byte[])[.. Encoding.UTF8.GetBytes($"{Key.Length} {value.Length} {HeaderText}\n{Key}"), .. value, (byte)'\n'])];

    public static Message<byte[], byte[]> Message(byte[] value) => new()
    {
        Key = Encoding.UTF8.GetBytes(Key),
        Value = value,
        Headers = new Headers { { "trace", "4bf92f35"u8.ToArray() }, { "source", "tests"u8.ToArray() } },
    };

    /// <summary>Messages as clients print them.</summary>
    public static byte[] Print(IEnumerable<Message<byte[], byte[]>> messages)
    {
        using var printed = new MemoryStream();
        foreach (var message in messages)
        {
            var headers = message.Headers.Select(static header => $"{header.Key}={Encoding.UTF8.GetString(header.GetValueBytes())}");
            printed.Write(Encoding.UTF8.GetBytes($"{message.Key.Length} {message.Value.Length} {string.Join(',', headers)}\n"));
            printed.Write([.. message.Key, .. message.Value, (byte)'\n']);
        }

        return printed.ToArray();
    }

    public void Dispose() => _folder.Delete(recursive: true);

    private static byte[] Value(Random random, int length)
    {
        var value = new byte[length];
        random.NextBytes(value);
        return value;
    }
}
