using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>What every view on a complete message has to obey. A protocol derives from it and brings valid messages; <see cref="ViewLaw"/> does the rest.</summary>
public abstract class MessageViewLaws
{
    /// <summary>Valid messages, each complete and nothing else.</summary>
    protected abstract IReadOnlyList<byte[]> Messages { get; }

    /// <summary>True if a byte more than the message is an error of this protocol.</summary>
    protected virtual bool RefusesTrailingBytes => true;

    /// <summary>Parses a message and reads everything the view offers; must not allocate.</summary>
    protected abstract bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error);

    [Fact]
    public void View_valid_messages_are_read_without_error()
    {
        Assert.NotEmpty(Messages);
        foreach (var message in Messages)
        {
            Assert.True(TryRead(message, out var error), $"{Convert.ToHexString(message)}: {error}");
            Assert.Equal(default, error);
        }
    }

    [Fact]
    public void View_every_proper_prefix_is_refused()
    {
        foreach (var message in Messages)
        {
            for (var length = 0; length < message.Length; length++)
            {
                Assert.False(ViewLaw.Check(TryRead, message.AsSpan(0, length)), $"{length} of {Convert.ToHexString(message)}");
            }
        }
    }

    [Fact]
    public void View_trailing_byte_is_refused()
    {
        foreach (var message in Messages.Where(_ => RefusesTrailingBytes))
        {
            Assert.False(ViewLaw.Check(TryRead, [.. message, 0]));
        }
    }

    [Fact]
    public void View_flipped_bytes_never_throw()
    {
        var random = new Random(99);
        foreach (var message in Messages)
        {
            for (var i = 0; i < message.Length; i++)
            {
                foreach (var mask in (byte[])[0x01, 0x10, 0x80, 0xFF, (byte)random.Next(1, 256)])
                {
                    var mutant = message.ToArray();
                    mutant[i] ^= mask;
                    mutant[random.Next(mutant.Length)] ^= random.Next(4) == 0 ? mask : (byte)0;
                    ViewLaw.Check(TryRead, mutant);
                }
            }
        }
    }

    [Fact]
    public void View_reading_allocates_nothing()
    {
        // an array, because enumerating an interface would allocate
        var messages = Messages.ToArray();
        long allocated = 0;
        for (var round = 0; round < 2; round++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            foreach (var message in messages)
            {
                TryRead(message, out _);
            }

            allocated = GC.GetAllocatedBytesForCurrentThread() - before;
        }

        Assert.Equal(0, allocated);
    }
}
