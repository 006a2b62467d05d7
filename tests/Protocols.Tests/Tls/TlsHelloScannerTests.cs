using System.Buffers;
using PolicyProxy.Fuzz.Tls;
using PolicyProxy.Protocols.Tests.Laws;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

public class TlsHelloScannerTests : FrameScannerLaws<TlsHelloScanner>
{
    protected override IReadOnlyList<byte[]> Messages => TlsHellos.Valid;

    protected override TlsHelloScanner Create() => new(TlsLimits.Default);

    [Theory]
    [InlineData("47", ProtocolErrorCode.TlsRecordType, 0)] // "G"
    [InlineData("15030100020246", ProtocolErrorCode.TlsRecordType, 0)] // an alert
    [InlineData("802E010301", ProtocolErrorCode.TlsSsl2Record, 0)]
    [InlineData("1602", ProtocolErrorCode.TlsRecordVersion, 1)]
    [InlineData("1603010000", ProtocolErrorCode.TlsRecordLength, 4)]
    [InlineData("1603014001", ProtocolErrorCode.TlsRecordLength, 4)]
    [InlineData("160301000402", ProtocolErrorCode.TlsMessageType, 5)]
    [InlineData("160301000401004001", ProtocolErrorCode.TooLarge, 8)]
    [InlineData("16030100060100000100", ProtocolErrorCode.TrailingBytes, 8)]
    [InlineData("1603010005010000020016030100020000", ProtocolErrorCode.TrailingBytes, 14)]
    [InlineData("1603010005010000020015030100020000", ProtocolErrorCode.TlsRecordType, 10)]
    [InlineData("160301000501000002001603010000", ProtocolErrorCode.TlsRecordLength, 14)]
    public void TlsHelloScanner_what_cannot_become_a_hello_is_refused_at_once(string hex, ProtocolErrorCode code, int offset)
    {
        var input = Convert.FromHexString(hex);
        var scanner = Create();
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan(new ReadOnlySequence<byte>(input), out var length));
        Assert.Equal((0, new ProtocolError(code, offset)), (length, scanner.Error));

        scanner = Create();
        Assert.Equal(OperationStatus.NeedMoreData, scanner.Scan(input.AsSpan(0, offset), out int _));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(16_384)]
    public void TlsHelloScanner_hello_cut_over_records_is_one_frame(int recordBytes)
    {
        var flight = new HelloShape { ServerName = "a.example", RecordBytes = recordBytes }.Flight();
        var scanner = Create();

        Assert.Equal(OperationStatus.Done, scanner.Scan([.. flight, 20, 3, 3], out int length));
        Assert.Equal(flight.Length, length);
    }

    [Fact]
    public void TlsHelloScanner_limits_hold_to_the_byte()
    {
        var shape = new HelloShape { ServerName = "a.example" };
        var hello = shape.Message().Length - 4;
        Assert.Equal(OperationStatus.Done, Scan(new TlsLimits { MaxHelloBytes = hello }, shape.Flight()));
        Assert.Equal(OperationStatus.InvalidData, Scan(new TlsLimits { MaxHelloBytes = hello - 1 }, shape.Flight()));

        var flight = (shape with { RecordBytes = 10 }).Flight();
        Assert.Equal(OperationStatus.Done, Scan(new TlsLimits { MaxFlightBytes = flight.Length }, flight));
        Assert.Equal(OperationStatus.InvalidData, Scan(new TlsLimits { MaxFlightBytes = flight.Length - 1 }, flight));
    }

    [Fact]
    public void TlsHelloScanner_default_value_has_the_default_limits()
    {
        TlsHelloScanner scanner = default;
        Assert.Equal(OperationStatus.InvalidData, scanner.Scan([22, 3, 1, 0, 4, 1, 0, 0x40, 1], out int _));
        Assert.Equal(ProtocolErrorCode.TooLarge, scanner.Error.Code);
    }

    private static OperationStatus Scan(TlsLimits limits, byte[] flight) => new TlsHelloScanner(limits).Scan(flight, out int _);
}
