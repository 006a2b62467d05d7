using System.Buffers;
using System.Globalization;
using System.Text;
using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1ReplyWriterLawTests : RoundTripLaws<Http1ReplyWriterLawTests.Reply>
{
    private static readonly DateTimeOffset s_date = new(2026, 2, 3, 4, 5, 6, TimeSpan.FromHours(2));

    /// <summary>A reply as the other side sees it.</summary>
    /// <param name="Status">Status code.</param>
    /// <param name="Reason">Reason phrase.</param>
    /// <param name="Fields">Field lines that the caller adds, CRLF included.</param>
    /// <param name="Body">Content.</param>
    /// <param name="IsToHead">Answers HEAD.</param>
    /// <param name="Closes">Last one of its connection.</param>
    public sealed record Reply(int Status, string Reason, string Fields, string Body, bool IsToHead, bool Closes);

    protected override IReadOnlyList<Reply> Values { get; } =
    [
        new(403, "Forbidden", "content-type: text/plain\r\n", "Access denied\r\n", IsToHead: false, Closes: false),
        new(400, "Bad Request", "", "", IsToHead: false, Closes: true),
        new(599, "", "", new string('x', 3000), IsToHead: false, Closes: false),
        new(200, "OK", "a: b\r\nc:\r\n", "0", IsToHead: true, Closes: false),
        new(503, "Service Unavailable", "retry-after: 1\r\n", "0\r\n\r\nHTTP/1.1 200 OK\r\n\r\n", IsToHead: false, Closes: true),
    ];

    protected override int Write(Reply value, Span<byte> destination) => Http1ReplyWriter.Write(
        new()
        {
            StatusCode = value.Status,
            Reason = value.Reason,
            Fields = Http1Heads.Bytes(value.Fields),
            Date = s_date,
            Body = Http1Heads.Bytes(value.Body),
            IsToHead = value.IsToHead,
            Closes = value.Closes,
        },
        destination);

    protected override OperationStatus Read(ReadOnlySpan<byte> written, Reply asked, out Reply? value, out int length)
    {
        value = null;
        var status = new Http1HeadScanner(HttpLimits.Default).Scan(written, out length);
        if (status != OperationStatus.Done)
        {
            return status;
        }

        Assert.True(Http1Response.TryParse(written[..length], asked.IsToHead ? Http1ResponseTo.Head : Http1ResponseTo.Other, HttpLimits.Default, out var response, out _));
        var body = new Http1BodyScanner(response.BodyKind, response.ContentLength, HttpLimits.Default);
        status = body.Scan(written[length..], out var taken);
        if (status == OperationStatus.Done)
        {
            var (added, announced) = ReadFields(response);
            var text = Encoding.Latin1.GetString(written.Slice(length, taken));
            Assert.Equal(announced, asked.IsToHead ? asked.Body.Length : text.Length);
            value = new(response.StatusCode, Encoding.Latin1.GetString(response.Reason), added, asked.IsToHead ? asked.Body : text, asked.IsToHead, !response.KeepAlive);
        }

        length += taken;
        return status;
    }

    // The lines that the writer does not make itself, and the length it announces
    private static (string Added, int Announced) ReadFields(in Http1Response response)
    {
        var added = "";
        var announced = -1;
        foreach (var field in response.Fields)
        {
            var (name, text) = (Encoding.Latin1.GetString(field.Name), Encoding.Latin1.GetString(field.Value));
            switch (name)
            {
                case "content-length":
                    announced = int.Parse(text, CultureInfo.InvariantCulture);
                    break;
                case "date":
                    Assert.Equal(s_date, DateTimeOffset.ParseExact(text, "r", CultureInfo.InvariantCulture));
                    break;
                case "connection":
                    break;
                default:
                    added += text.Length == 0 ? $"{name}:\r\n" : $"{name}: {text}\r\n";
                    break;
            }
        }

        return (added, announced);
    }
}
