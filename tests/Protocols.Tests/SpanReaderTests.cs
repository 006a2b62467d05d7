namespace PolicyProxy.Protocols.Tests;

public class SpanReaderTests
{
    [Fact]
    public void SpanReader_values_are_big_endian_in_sequence()
    {
        var reader = new SpanReader([1, 0xFF, 0xFE, 0x80, 0x00, 1, 2, 3, 0xFF, 0xFF, 0xFF, 0xFF, 0, 0, 0, 5, 0, 0, 0, 0, 0, 0, 0, 9, 7]);
        Assert.True(reader.TryReadByte(out var octet) && octet == 1);
        Assert.True(reader.TryReadInt16(out var int16) && int16 == -2);
        Assert.True(reader.TryReadUInt16(out var uint16) && uint16 == 0x8000);
        Assert.True(reader.TryReadUInt24(out var uint24) && uint24 == 0x010203);
        Assert.True(reader.TryReadInt32(out var int32) && int32 == -1);
        Assert.True(reader.TryReadUInt32(out var uint32) && uint32 == 5);
        Assert.True(reader.TryReadInt64(out var int64) && int64 == 9);
        Assert.Equal(1, reader.Remaining);
        Assert.Equal(24, reader.Position);
        Assert.Equal(7, reader.Rest[0]);
    }

    [Fact]
    public void SpanReader_read_past_the_end_moves_nothing()
    {
        var reader = new SpanReader([0xFF, 0xFF]);
        Assert.False(reader.TryReadUInt24(out _));
        Assert.False(reader.TryReadInt32(out _));
        Assert.False(reader.TryReadUInt32(out var uint32));
        Assert.Equal(0u, uint32);
        Assert.False(reader.TryReadInt64(out _));
        Assert.False(reader.TryReadVarUInt32(out _));
        Assert.False(reader.TryRead(3, out _));
        Assert.False(reader.TryRead(-1, out _));
        Assert.False(reader.TryRead(int.MinValue, out _));
        Assert.False(reader.TrySkip(long.MaxValue));
        Assert.False(reader.TrySkip(-1));
        Assert.Equal(0, reader.Position);
        Assert.True(reader.TrySkip(2));
        Assert.False(reader.TryReadByte(out _));
        Assert.False(reader.TryReadInt16(out _));
    }

    [Theory]
    [InlineData(new byte[] { 0 }, 0u)]
    [InlineData(new byte[] { 0x7F }, 127u)]
    [InlineData(new byte[] { 0x80, 0x01 }, 128u)]
    [InlineData(new byte[] { 0xAC, 0x02 }, 300u)]
    [InlineData(new byte[] { 0x80, 0x00 }, 0u)]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x0F }, uint.MaxValue)]
    public void SpanReader_varint_is_leb128(byte[] bytes, uint expected)
    {
        var reader = new SpanReader(bytes);
        Assert.True(reader.TryReadVarUInt32(out var value));
        Assert.Equal(expected, value);
        Assert.Equal(0, reader.Remaining);
    }

    [Theory]
    [InlineData(new byte[] { })]
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xFF, 0xFF, 0xFF, 0xFF, 0x10 })]
    [InlineData(new byte[] { 0x80, 0x80, 0x80, 0x80, 0x80, 0x00 })]
    public void SpanReader_varint_too_long_or_cut_is_refused(byte[] bytes)
    {
        var reader = new SpanReader(bytes);
        Assert.False(reader.TryReadVarUInt32(out var value));
        Assert.Equal(0u, value);
        Assert.Equal(0, reader.Position);
    }
}
