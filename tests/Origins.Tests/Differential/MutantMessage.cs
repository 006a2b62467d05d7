using System.Text;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>A request in parts that can be changed one by one. Texts hold one byte per character.</summary>
internal sealed class MutantMessage
{
    public string Method { get; set; } = "GET";

    public string Target { get; set; } = "/";

    public string Version { get; set; } = "HTTP/1.1";

    /// <summary>Field lines without their CRLF; a line may hold several. The framing fields are not among them.</summary>
    public IList<string> Fields { get; init; } = [];

    /// <summary>Line that frames the body; empty = the request has none.</summary>
    public string Framing { get; set; } = string.Empty;

    /// <summary>Body with its framing.</summary>
    public string Body { get; set; } = string.Empty;

    /// <summary>Takes a head apart that a real client sent; its body is replaced by one of a few bytes.</summary>
    public static MutantMessage Of(byte[] head)
    {
        var lines = Encoding.Latin1.GetString(head).Split("\r\n", StringSplitOptions.RemoveEmptyEntries);
        var start = lines[0].Split(' ');
        var message = new MutantMessage { Method = start[0], Target = start[1], Version = start[2] };
        foreach (var line in lines.Skip(1))
        {
            if (line.StartsWith("content-length:", StringComparison.OrdinalIgnoreCase))
            {
                message.FrameByLength("hello");
            }
            else if (line.StartsWith("transfer-encoding:", StringComparison.OrdinalIgnoreCase))
            {
                message.Framing = "Transfer-Encoding: chunked";
                message.Body = "5\r\nhello\r\n0\r\n\r\n";
            }
            else
            {
                message.Fields.Add(line);
            }
        }

        return message;
    }

    public void FrameByLength(string body)
    {
        Framing = $"Content-Length: {body.Length}";
        Body = body;
    }

    public override string ToString() =>
        $"{Method} {Target} {Version}\r\n{string.Concat(Fields.Append(Framing).Where(static line => line.Length > 0).Select(static line => line + "\r\n"))}\r\n{Body}";
}
