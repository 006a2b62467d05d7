using System.Buffers.Binary;
using PolicyProxy.Enforcement.Kafka;
using PolicyProxy.Flows;
using PolicyProxy.Gate;
using PolicyProxy.Protocols.Tests.Kafka;
using PolicyProxy.TestKit.Gates;

namespace PolicyProxy.Kafka.Tests.Connection;

/// <summary>A client and a broker on both sides of a <see cref="KafkaConnection"/>, whose bytes arrive in pieces; no sockets.</summary>
internal sealed class Conversation : IDisposable
{
    private readonly List<byte> _fromClient = [];
    private readonly List<byte> _fromBroker = [];
    private readonly List<byte> _toBroker = [];
    private readonly List<byte> _toClient = [];
    private readonly KafkaConnection _connection;
    private readonly int _bufferBytes;
    private ConnectionPermit _permit;

    /// <param name="rules">The list under <c>kafka</c>, in YAML's flow style.</param>
    /// <param name="bufferBytes">Room for what has come on each side.</param>
    /// <param name="door">Makes a door with other options.</param>
    public Conversation(string rules, int bufferBytes = 65_536, Func<PolicyGate, KafkaDoor>? door = null)
    {
        Gate = new TestGate(KafkaPolicy.Of(rules)).Observed();
        _bufferBytes = bufferBytes;
        _connection = new KafkaConnection(door?.Invoke(Gate.Gate) ?? new KafkaDoor(Gate.Gate), bufferBytes);
        Assert.True(Gate.Gate.Connect(Gate.Ingress("app=kafka", "app=client", 9092), out _permit).Allowed);
    }

    public TestGate Gate { get; }

    /// <summary>True once the connection has been cut.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>True once nothing more is taken and everything has been said.</summary>
    public bool IsEnding => _connection is { IsClosing: true, IsIdle: true };

    /// <summary>Puts other rules in force.</summary>
    public void Reload(string rules) => Gate.Update(KafkaPolicy.Of(rules));

    /// <summary>The client sends something; gives what the broker gets.</summary>
    public byte[] Client(byte[] bytes, int piece = int.MaxValue) => Feed(bytes, piece, _fromClient, _toBroker);

    /// <summary>The broker sends something; gives what the client gets.</summary>
    /// <remarks>Answers that wait for their time are not among it.</remarks>
    public byte[] Broker(byte[] bytes, int piece = int.MaxValue) => Feed(bytes, piece, _fromBroker, _toClient);

    /// <summary>What the client got meanwhile.</summary>
    public byte[] Heard()
    {
        Move(long.MaxValue);
        return Take(_toClient);
    }

    /// <summary>What the broker got meanwhile.</summary>
    public byte[] Asked() => Take(_toBroker);

    /// <summary>The flows of requests, as <c>verdict key topic error</c>.</summary>
    public IEnumerable<string> Flows() => Gate.Flows().Where(static f => f.L7 is KafkaRecord)
        .Select(static f => $"{f.Verdict} {((KafkaRecord)f.L7!).ApiKey} {((KafkaRecord)f.L7!).Topic} {((KafkaRecord)f.L7!).ErrorCode}");

    /// <summary>A response in the words of the schema, short.</summary>
    public static string Read(short key, short version, byte[] frame, int id = 1) => KafkaSchemaReader.Response(key, version, frame, id, isShort: true);

    /// <summary>The frames in a stream.</summary>
    public static IEnumerable<byte[]> Frames(byte[] stream)
    {
        for (var at = 0; at < stream.Length;)
        {
            var length = 4 + BinaryPrimitives.ReadInt32BigEndian(stream.AsSpan(at));
            yield return stream[at..(at + length)];
            at += length;
        }
    }

    public void Dispose()
    {
        _connection.Release();
        Gate.Dispose();
    }

    private byte[] Feed(byte[] bytes, int piece, List<byte> into, List<byte> from)
    {
        for (var at = 0; at < bytes.Length && !IsClosed;)
        {
            var count = Math.Min(Math.Min(piece, bytes.Length - at), _bufferBytes - into.Count);
            Assert.True(count > 0, "it waits for bytes that have no room");
            into.AddRange(bytes.AsSpan(at, count));
            at += count;
            Move(now: 0);
        }

        return Take(from);
    }

    // As the relay does: what passed goes out before what was written, and nothing is asked while that waits.
    private void Move(long now)
    {
        for (var moved = true; moved && !IsClosed;)
        {
            moved = false;
            if (_fromClient.Count > 0 || _connection.IsHeld)
            {
                moved |= Do(_connection.TakeRequest(ref _permit, _fromClient.ToArray(), out var count), count, _fromClient, _toBroker);
            }

            moved |= Send(_connection.ToUpstream, _toBroker);
            _connection.GiveAnswers(now);
            moved |= Send(_connection.ToClient, _toClient);
            if (_fromBroker.Count > 0)
            {
                moved |= Do(_connection.TakeResponse(_permit, _fromBroker.ToArray(), out var count), count, _fromBroker, _toClient);
                moved |= Send(_connection.ToClient, _toClient);
            }
        }
    }

    private bool Do(KafkaStep step, int count, List<byte> from, List<byte> to)
    {
        IsClosed |= step == KafkaStep.Close;
        if (step is KafkaStep.Wait or KafkaStep.Close)
        {
            Assert.Equal(0, count);
            return false;
        }

        if (step == KafkaStep.Pass)
        {
            to.AddRange(from[..count]);
        }

        from.RemoveRange(0, count);
        return true;
    }

    private static bool Send(KafkaOutput output, List<byte> to)
    {
        if (output.IsEmpty)
        {
            return false;
        }

        to.AddRange(output.Unsent);
        output.Sent(output.Length);
        return true;
    }

    private static byte[] Take(List<byte> bytes)
    {
        byte[] taken = [.. bytes];
        bytes.Clear();
        return taken;
    }
}
