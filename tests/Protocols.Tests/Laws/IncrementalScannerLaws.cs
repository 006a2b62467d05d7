using System.Buffers;
using PolicyProxy.Fuzz.Laws;

namespace PolicyProxy.Protocols.Tests.Laws;

/// <summary>
/// What every scanner has to obey that takes each byte once, as for bodies. A protocol derives from it and brings valid messages;
/// <see cref="IncrementalLaw"/> does the rest.
/// </summary>
public abstract class IncrementalScannerLaws
{
    private static readonly byte[] s_nextMessage = "GET / HTTP/1.1\r\n"u8.ToArray();

    /// <summary>Valid messages, each complete and nothing else.</summary>
    protected abstract IReadOnlyList<byte[]> Messages { get; }

    /// <summary>Runs a fresh scanner over the input in pieces that end at these offsets, by <see cref="IncrementalLaw.Check"/>.</summary>
    private protected abstract IncrementalScan Check(ReadOnlySpan<byte> input, ReadOnlySpan<int> ends);

    [Fact]
    public void Scanner_message_cut_anywhere_ends_at_the_same_byte()
    {
        foreach (var message in Messages)
        {
            byte[] input = [.. message, .. s_nextMessage];
            foreach (var ends in Segmentation.EveryCut(input.Length).Append(Segmentation.Single(input.Length)))
            {
                var scan = Check(input, ends);
                Assert.Equal((OperationStatus.Done, message.Length), (scan.Status, scan.Consumed));
            }
        }
    }

    [Fact]
    public void Scanner_every_proper_prefix_needs_more()
    {
        foreach (var message in Messages)
        {
            for (var length = 0; length < message.Length; length++)
            {
                var scan = Check(message.AsSpan(0, length), Segmentation.Single(length));
                Assert.Equal((OperationStatus.NeedMoreData, length), (scan.Status, scan.Consumed));
            }
        }
    }

    [Fact]
    public void Scanner_flipped_byte_means_the_same_however_it_is_cut()
    {
        foreach (var message in Messages)
        {
            for (var i = 0; i < message.Length; i++)
            {
                foreach (var mask in (byte[])[0x01, 0x10, 0x80, 0xFF])
                {
                    var mutant = message.ToArray();
                    mutant[i] ^= mask;
                    Check(mutant, [i, mutant.Length]);
                    Check(mutant, Segmentation.Single(mutant.Length));
                    Check(mutant, Segmentation.Random(mutant.Length, (uint)i));
                }
            }
        }
    }
}
