using System.Buffers;
using System.Text;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Protocols.Tests.Dns;

public class DnsReplyWriterTests
{
    [Fact]
    public void DnsReplyWriter_plain_query_gets_header_and_question()
    {
        byte[] query = DnsBytes.Query(0xABCD, flags: 0x0110).Question("WwW.bank.Example", 28);
        var expected = query.ToArray();
        expected[2] = 0x81;
        expected[3] = 0x95; // RA, CD, REFUSED
        Assert.Equal(expected, Write(query, new() { ResponseCode = DnsResponseCode.Refused, RecursionAvailable = true }));
    }

    [Theory]
    [InlineData(DnsResponseCode.FormatError)]
    [InlineData(DnsResponseCode.ServerFailure)]
    [InlineData(DnsResponseCode.NameError)]
    [InlineData(DnsResponseCode.NotImplemented)]
    [InlineData(DnsResponseCode.Refused)]
    [InlineData(DnsResponseCode.BadVersion)]
    public void DnsReplyWriter_code_is_read_as_it_was_written(DnsResponseCode code)
    {
        var answer = Read(Write(DnsBytes.Query().Question("a").Edns(), new() { ResponseCode = code }));
        Assert.Equal(code, answer.ResponseCode);
        Assert.True(answer.Message.HasEdns);
    }

    [Fact]
    public void DnsReplyWriter_code_beyond_four_bits_is_a_failure_without_edns() =>
        Assert.Equal(DnsResponseCode.ServerFailure, Read(Write(DnsBytes.Ask("a"), new() { ResponseCode = DnsResponseCode.BadVersion })).ResponseCode);

    [Fact]
    public void DnsReplyWriter_extended_error_goes_to_clients_with_edns_only()
    {
        var reply = Read(Write(DnsBytes.Query().Question("a").Edns(flags: 0x8000), Prohibited("by policy x"u8)));
        Assert.True(reply.Message.Edns.DnssecOk);
        var options = reply.Message.Edns.Options;
        Assert.True(options.MoveNext());
        Assert.True(options.Current.TryReadExtendedError(out var code, out var text));
        Assert.Equal(DnsExtendedErrorCode.Prohibited, code);
        Assert.Equal("by policy x", Encoding.UTF8.GetString(text));
        Assert.False(options.MoveNext());
        Assert.Equal(0, Read(Write(DnsBytes.Ask("a"), Prohibited("by policy x"u8))).Message.Header.AdditionalCount);
    }

    [Fact]
    public void DnsReplyWriter_longest_reply_fits_512_bytes_and_text_is_cut_between_characters()
    {
        var name = $"{new string('a', 63)}.{new string('b', 63)}.{new string('c', 63)}.{new string('d', 61)}";
        var written = Write(DnsBytes.Query().Question(name).Edns(), Prohibited(Encoding.UTF8.GetBytes(new string('é', 400))));
        Assert.InRange(written.Length, DnsReplyWriter.MaxBytes - 1, DnsReplyWriter.MaxBytes);
        foreach (var option in Read(written).Message.Edns.Options)
        {
            Assert.True(option.TryReadExtendedError(out _, out var text));
            Assert.Equal(new string('é', DnsReplyWriter.MaxTextBytes / 2), Encoding.UTF8.GetString(text));
        }
    }

    [Fact]
    public void DnsReplyWriter_truncated_reply_sends_the_client_to_tcp() =>
        Assert.True(Read(Write(DnsBytes.Ask("a"), new() { ResponseCode = DnsResponseCode.NoError, IsTruncated = true })).IsTruncated);

    [Fact]
    public void DnsReplyWriter_query_that_cannot_be_read_gets_what_can_be_repeated()
    {
        byte[] trailing = DnsBytes.Query().Question("a").Raw(1, 2, 3);
        Assert.Equal("a", Read(Write(trailing, new() { ResponseCode = DnsResponseCode.FormatError })).Question.Name.ToString());
        byte[] broken = DnsBytes.Query().Raw(0x7F).Count(0);
        Assert.Equal(0, Read(Write(broken, new() { ResponseCode = DnsResponseCode.FormatError })).Message.Header.QuestionCount);
        byte[] two = DnsBytes.Query().Question("a").Question("b");
        Assert.Equal(0, Read(Write(two, new() { ResponseCode = DnsResponseCode.FormatError })).Message.Header.QuestionCount);
    }

    [Fact]
    public void DnsReplyWriter_response_is_never_answered()
    {
        Assert.Empty(Write(DnsBytes.Response().Question("a"), new() { ResponseCode = DnsResponseCode.Refused }));
        Assert.Empty(Write(new byte[11], new() { ResponseCode = DnsResponseCode.Refused }));
        Assert.Null(DnsReplyWriter.ResponseCodeFor(new(ProtocolErrorCode.DnsDirection, 2), DnsBytes.Response()));
        Assert.Null(DnsReplyWriter.ResponseCodeFor(new(ProtocolErrorCode.Truncated, 0), new byte[11]));
    }

    [Theory]
    [InlineData(0x2000, 4)] // NOTIFY
    [InlineData(0x2800, 4)] // UPDATE
    [InlineData(0x0000, 1)]
    public void DnsReplyWriter_refused_message_has_its_code(int flags, int code)
    {
        byte[] query = DnsBytes.Query(flags: (ushort)flags).Question("a").Question("b");
        Assert.False(DnsQuery.TryParse(query, DnsLimits.Default, new char[DnsName.MaxPresentationChars], out _, out var error));
        Assert.Equal((DnsResponseCode)code, DnsReplyWriter.ResponseCodeFor(error, query));
    }

    [Fact]
    public void DnsReplyWriter_destination_that_is_too_short_gets_nothing()
    {
        byte[] query = DnsBytes.Query().Question("a.example").Edns();
        var length = Write(query, Prohibited("x"u8)).Length;
        for (var room = 0; room < length; room++)
        {
            Assert.Equal(0, DnsReplyWriter.Write(query, Prohibited("x"u8), new byte[room]));
        }
    }

    [Fact]
    public void DnsReplyWriter_frame_is_found_by_the_scanner()
    {
        var output = new ArrayBufferWriter<byte>();
        Assert.True(DnsReplyWriter.WriteFrame(DnsBytes.Ask("a"), Prohibited("x"u8), output));
        var scanner = default(DnsTcpScanner);
        Assert.Equal(OperationStatus.Done, scanner.Scan(new ReadOnlySequence<byte>(output.WrittenMemory), out var length));
        Assert.Equal(output.WrittenCount, length);
        Assert.False(DnsReplyWriter.WriteFrame(DnsBytes.Response(), Prohibited("x"u8), output));
        Assert.Equal(length, output.WrittenCount);
    }

    [Fact]
    public void DnsMessage_id_is_written_in_place()
    {
        byte[] message = DnsBytes.Ask("a");
        DnsMessage.WriteId(message, 0xFEDC);
        Assert.Equal([0xFE, 0xDC], message[..2]);
        DnsMessage.WriteId([], 1);
    }

    private static DnsReply Prohibited(ReadOnlySpan<byte> text) =>
        new() { ResponseCode = DnsResponseCode.Refused, ExtendedError = DnsExtendedErrorCode.Prohibited, Text = text };

    private static byte[] Write(byte[] query, DnsReply reply)
    {
        var destination = new byte[DnsReplyWriter.MaxBytes];
        return destination[..DnsReplyWriter.Write(query, reply, destination)];
    }

    private static DnsAnswer Read(byte[] message)
    {
        Assert.True(DnsAnswer.TryParse(message, DnsLimits.Default, out var answer, out var error), error.ToString());
        return answer;
    }
}
