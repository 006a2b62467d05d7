using System.Buffers;
using System.Text;
using PolicyProxy.Protocols.Dns;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Dns;

/// <summary>Replies over TCP, to every kind of question and with every part they may have.</summary>
public class DnsReplyLawTests : RoundTripLaws<DnsReplyLawTests.Reply>
{
    private static readonly string[] s_names = ["", "a", "WwW.eXample.com", string.Join('.', Enumerable.Repeat("a", 127))];

    protected override IReadOnlyList<Reply> Values { get; } =
    [
        .. from name in s_names
           from code in (int[])[0, 1, 2, 3, 4, 5, 16]
           from isTruncated in (bool[])[false, true]
           from error in (int?[])[null, 15, 23]
           select new Reply(name, (ushort)(name.Length + code), code, isTruncated, error, error is null ? "" : $"reason {code}"),
    ];

    protected override int Write(Reply value, Span<byte> destination)
    {
        byte[] query = DnsBytes.Query(value.Id).Question(value.Name).Edns();
        var reply = new DnsReply
        {
            ResponseCode = (DnsResponseCode)value.Code,
            IsTruncated = value.IsTruncated,
            ExtendedError = value.Error,
            Text = Encoding.UTF8.GetBytes(value.Text),
        };
        Span<byte> frame = new byte[DnsTcpScanner.LengthBytes + DnsReplyWriter.MaxBytes];
        var length = DnsReplyWriter.Write(query, reply, frame[DnsTcpScanner.LengthBytes..]);
        (frame[0], frame[1]) = ((byte)(length >> 8), (byte)length);
        return frame[..(length + DnsTcpScanner.LengthBytes)].TryCopyTo(destination) ? length + DnsTcpScanner.LengthBytes : 0;
    }

    protected override OperationStatus Read(ReadOnlySpan<byte> written, Reply asked, out Reply? value, out int length)
    {
        var scanner = default(DnsTcpScanner);
        var status = scanner.Scan(new ReadOnlySequence<byte>(written.ToArray()), out var frame);
        value = null;
        length = (int)frame;
        if (status != OperationStatus.Done)
        {
            return status;
        }

        Assert.True(DnsAnswer.TryParse(written[DnsTcpScanner.LengthBytes..length], DnsLimits.Default, out var answer, out var error), error.ToString());
        int? infoCode = null;
        var text = "";
        foreach (var option in answer.Message.Edns.Options)
        {
            Assert.True(option.TryReadExtendedError(out var code, out var bytes));
            (infoCode, text) = (code, Encoding.UTF8.GetString(bytes));
        }

        value = new Reply(answer.Question.Name.ToString(), answer.Id, (int)answer.ResponseCode, answer.IsTruncated, infoCode, text);
        return status;
    }

    /// <summary>What is asked and answered.</summary>
    public sealed record Reply(string Name, ushort Id, int Code, bool IsTruncated, int? Error, string Text);
}
