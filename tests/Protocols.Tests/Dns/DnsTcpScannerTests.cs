using System.Buffers;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsTcpScannerTests : FrameScannerLaws<DnsTcpScanner>
{
    protected override IReadOnlyList<byte[]> Messages { get; } =
        [Frame(DnsBytes.Query()), Frame(DnsBytes.Ask("www.example.com")), Frame(DnsBytes.Query().Question("a").Edns("000C 0020" + new string('0', 64)))];

    protected override DnsTcpScanner Create() => default;

    [Theory]
    [InlineData("0000", ProtocolErrorCode.DnsFrameLength)]
    [InlineData("000B", ProtocolErrorCode.DnsFrameLength)]
    [InlineData("1001", ProtocolErrorCode.TooLarge)]
    [InlineData("1603", ProtocolErrorCode.TooLarge)] // TLS hello
    [InlineData("4745", ProtocolErrorCode.TooLarge)] // "GE"
    public void DnsTcpScanner_impossible_length_is_refused_at_once(string hex, ProtocolErrorCode code)
    {
        var scanner = new DnsTcpScanner(DnsLimits.Default.MaxQueryBytes);
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), out _));
        Assert.Equal(code, scanner.Error.Code);
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new ReadOnlySequence<byte>(Messages[0]), out _));
    }

    [Fact]
    public void DnsTcpScanner_longest_message_ends_at_its_last_byte_wherever_it_is_cut()
    {
        var frame = Frame(new byte[65_535]);
        for (var received = 0; received < frame.Length; received++)
        {
            DnsTcpScanner scanner = default;
            Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(new ReadOnlySequence<byte>(frame, 0, received), out var announced));
            Assert.Equal(received < 2 ? 0 : frame.Length, announced);
            Assert.Equal(OperationStatus.Done, scanner.Scan(new ReadOnlySequence<byte>(frame), out var length));
            Assert.Equal(frame.Length, length);
        }
    }

    private static byte[] Frame(byte[] message) => [(byte)(message.Length >> 8), (byte)message.Length, .. message];
}
