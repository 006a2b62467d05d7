using System.Buffers;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>What every writer of messages has to obey: what it writes is read as it was meant. A protocol derives from it and brings values.</summary>
/// <typeparam name="TValue">What is written, comparable with what was read.</typeparam>
public abstract class RoundTripLaws<TValue>
{
    /// <summary>Values that the writer takes.</summary>
    protected abstract IReadOnlyList<TValue> Values { get; }

    /// <summary>Writes a value; gives the bytes written, 0 if the destination is too short.</summary>
    protected abstract int Write(TValue value, Span<byte> destination);

    /// <summary>Reads one message with the parsers of the product. Done: the value and the bytes it took.</summary>
    protected abstract OperationStatus Read(ReadOnlySpan<byte> written, TValue asked, out TValue? value, out int length);

    [Fact]
    public void Writer_value_is_read_as_it_was_written()
    {
        Assert.NotEmpty(Values);
        foreach (var value in Values)
        {
            byte[] written = [.. Written(value), 0xDE, 0xAD];
            Assert.Equal(OperationStatus.Done, Read(written, value, out var read, out var length));
            Assert.Equal(value, read);
            Assert.Equal(written.Length - 2, length);
        }
    }

    [Fact]
    public void Writer_value_cut_short_is_not_complete()
    {
        foreach (var value in Values)
        {
            var written = Written(value);
            for (var length = 0; length < written.Length; length++)
            {
                Assert.Equal(OperationStatus.NeedMoreData, Read(written.AsSpan(0, length), value, out _, out _));
            }
        }
    }

    [Fact]
    public void Writer_destination_that_is_too_short_gets_no_message()
    {
        foreach (var value in Values)
        {
            var length = Written(value).Length;
            var destination = new byte[length];
            Assert.Equal(length, Write(value, destination));
            for (var room = 0; room < length; room++)
            {
                Assert.Equal(0, Write(value, destination.AsSpan(0, room)));
            }
        }
    }

    private byte[] Written(TValue value)
    {
        var destination = new byte[64 * 1024];
        var length = Write(value, destination);
        Assert.InRange(length, 1, destination.Length);
        return destination[..length];
    }
}
