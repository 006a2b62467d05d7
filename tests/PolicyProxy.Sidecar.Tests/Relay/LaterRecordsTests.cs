using System.Text;
using PolicyProxy.Sidecar.Relay;

namespace PolicyProxy.Sidecar.Tests.Relay;

public sealed class LaterRecordsTests
{
    private const string Change = "\u0014\u0003\u0003\0\u0001\u0001";
    private const string Data = "\u0017\u0003\u0003\0\u0002xx";
    private const string Hello = "\u0016\u0003\u0001\0\u0004\u0001\0\0\0";

    [Theory]
    [InlineData(Hello, false, 0)]
    [InlineData(Change + Hello, false, 6)]
    [InlineData(Change + Data + Data + Hello, true, 20)]
    [InlineData(Change + Data + Hello, false, -1)] // nobody takes a hello behind the first data
    [InlineData("\u0016\u0003\u0003\0\u0001\u0010" + Hello, false, -1)] // ClientKeyExchange
    [InlineData("\u0016\u0003\u0003\0\0", false, -2)]
    [InlineData("\u0016\u0003\u0003\0\0x", false, 0)] // an empty record
    [InlineData(Change, false, -2)]
    [InlineData("no TLS", false, -1)]
    public void LaterRecords_second_hello_is_held_and_everything_else_passes(string text, bool hasEarlyData, int helloAt)
    {
        var bytes = Encoding.Latin1.GetBytes(text);
        for (var piece = 1; piece <= bytes.Length; piece++)
        {
            var later = LaterRecords.After(hasEarlyData);
            var passed = 0;
            for (var received = piece; passed < bytes.Length && !later.HasHello; received = Math.Min(received + piece, bytes.Length))
            {
                passed += later.Pass(bytes.AsSpan(passed, Math.Min(received, bytes.Length) - passed));
                if (received >= bytes.Length)
                {
                    break;
                }
            }

            Assert.Equal((helloAt >= 0, helloAt != -1), (later.HasHello, later.IsWatching));
            Assert.True(helloAt < 0 || helloAt == passed, $"{passed} bytes passed in pieces of {piece}");
        }
    }

    [Fact]
    public void LaterRecords_default_value_watches_nothing()
    {
        LaterRecords later = default;
        Assert.Equal((9, false), (later.Pass(Encoding.Latin1.GetBytes(Hello)), later.HasHello));
    }
}
