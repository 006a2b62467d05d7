using System.Buffers;
using PolicyProxy.Protocols.Kafka;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Kafka;

public class KafkaFrameScannerTests : FrameScannerLaws<KafkaFrameScanner>
{
    protected override IReadOnlyList<byte[]> Messages => KafkaFrames.Requests;

    protected override KafkaFrameScanner Create() => new(KafkaLimits.Default);

    [Theory]
    [InlineData("00000007", ProtocolErrorCode.KafkaFrameLength)]
    [InlineData("00000000", ProtocolErrorCode.KafkaFrameLength)]
    [InlineData("FFFFFFFF", ProtocolErrorCode.KafkaFrameLength)]
    [InlineData("80000000", ProtocolErrorCode.KafkaFrameLength)]
    [InlineData("16030100", ProtocolErrorCode.TooLarge)] // TLS hello
    [InlineData("47455420", ProtocolErrorCode.TooLarge)] // "GET "
    [InlineData("2A310D0A", ProtocolErrorCode.TooLarge)] // Redis
    [InlineData("06400001", ProtocolErrorCode.TooLarge)]
    public void KafkaFrameScanner_impossible_length_is_refused_at_once(string hex, ProtocolErrorCode code)
    {
        var scanner = Create();
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new ReadOnlySequence<byte>(Convert.FromHexString(hex)), out var length));
        Assert.Equal(0, length);
        Assert.Equal(code, scanner.Error.Code);
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new ReadOnlySequence<byte>(KafkaFrames.Requests[0]), out _));
    }

    [Fact]
    public void KafkaFrameScanner_default_value_has_the_default_limits()
    {
        KafkaFrameScanner scanner = default;
        Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(new ReadOnlySequence<byte>([0x06, 0x40, 0, 0]), out var length));
        Assert.Equal(104_857_604, length);
    }
}
