using System.Buffers;
using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>What every frame scanner has to obey. A protocol derives from it and brings valid messages; <see cref="FrameLaw"/> does the rest.</summary>
/// <typeparam name="TScanner">The scanner under test.</typeparam>
public abstract class FrameScannerLaws<TScanner>
    where TScanner : struct, IFrameScanner
{
    private static readonly byte[] s_nextMessage = [0xDE, 0xAD, 0xBE, 0xEF];

    /// <summary>Valid messages, each complete and nothing else.</summary>
    protected abstract IReadOnlyList<byte[]> Messages { get; }

    /// <summary>A scanner in front of its first message.</summary>
    protected abstract TScanner Create();

    [Fact]
    public void Scanner_message_cut_anywhere_ends_at_the_same_byte()
    {
        foreach (var message in Messages)
        {
            byte[] input = [.. message, .. s_nextMessage];
            foreach (var ends in Segmentation.EveryCut(input.Length))
            {
                Assert.Equal(new FrameScan(OperationStatus.Done, message.Length, default), FrameLaw.Check(Create, input, ends));
            }
        }
    }

    [Fact]
    public void Scanner_message_arriving_byte_by_byte_is_done_with_its_last_byte()
    {
        foreach (var message in Messages)
        {
            var scanner = Create();
            for (var received = 0; received < message.Length; received++)
            {
                Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(new ReadOnlySequence<byte>(message, 0, received), out var expected));
                Assert.True(expected == 0 || expected == message.Length);
            }

            Assert.Equal(OperationStatus.Done, scanner.Scan(new ReadOnlySequence<byte>(message), out var length));
            Assert.Equal(message.Length, length);
            Assert.Equal(OperationStatus.Done, FrameLaw.Check(Create, message, Segmentation.Single(message.Length)).Status);
        }
    }

    [Fact]
    public void Scanner_pipelined_messages_are_found_one_after_the_other()
    {
        var input = new ReadOnlySequence<byte>([.. Messages.SelectMany(message => message)]);
        var scanner = Create();
        foreach (var message in Messages)
        {
            Assert.Equal(OperationStatus.Done, scanner.Scan(input, out var length));
            Assert.Equal(message, input.Slice(0, length).ToArray());
            input = input.Slice(length);
        }

        Assert.Equal(0, input.Length);
    }

    [Fact]
    public void Scanner_flipped_byte_never_throws_nor_ends_beyond_the_input()
    {
        foreach (var message in Messages)
        {
            for (var i = 0; i < message.Length; i++)
            {
                foreach (var mask in (byte[])[0x01, 0x80, 0xFF])
                {
                    var mutant = message.ToArray();
                    mutant[i] ^= mask;
                    FrameLaw.Check(Create, mutant, [i, mutant.Length]);
                }
            }
        }
    }
}
