using System.Globalization;
using System.Text;

namespace PolicyProxy.Origins.Tests.Differential;

/// <summary>
/// Makes streams of one to three requests out of recorded heads and <see cref="MutantWords"/>. Three in five are changed only in ways
/// that tend to stay valid, so that parsers have something to agree on. The same random numbers give the same stream.
/// </summary>
internal sealed class MutantGenerator(IReadOnlyList<byte[]> heads, Random random)
{
    public byte[] Next()
    {
        var isTame = random.Next(5) < 3;
        var stream = new StringBuilder();
        for (var left = random.Next(1, 4); left > 0; left--)
        {
            var message = MutantMessage.Of(heads[random.Next(heads.Count)]);
            for (var changes = random.Next(1, 5); changes > 0; changes--)
            {
                ChangeTamely(message);
            }

            if (!isTame && random.Next(2) == 0)
            {
                ChangeWildly(message);
            }

            stream.Append(message);
        }

        var bytes = new List<byte>(Encoding.Latin1.GetBytes(stream.ToString()));
        for (var changes = isTame ? 0 : random.Next(3); changes > 0; changes--)
        {
            ChangeBytes(bytes);
        }

        return [.. bytes];
    }

    private string Pick(IReadOnlyList<string> words) => words[random.Next(words.Count)];

    private void ChangeTamely(MutantMessage message)
    {
        switch (random.Next(12))
        {
            case 0:
                message.Method = Pick(MutantWords.Methods);
                break;
            case 1:
                SetTarget(message, Pick(MutantWords.Targets));
                break;
            case 2:
                SetHost(message, Pick(MutantWords.Hosts));
                break;
            case 3 when random.Next(3) == 0:
                message.Version = "HTTP/1.0";
                break;
            case 4 when message.Fields.Count > 0:
                ChangeSpelling(message.Fields, random.Next(message.Fields.Count));
                break;
            case 5 when message.Fields.Count > 1:
                var moved = message.Fields[^1];
                message.Fields.RemoveAt(message.Fields.Count - 1);
                message.Fields.Insert(random.Next(message.Fields.Count), moved);
                break;
            case 6 or 7:
                message.FrameByLength(Pick(MutantWords.Bodies));
                break;
            case 8 or 9:
                FrameByChunks(message, isTame: true);
                break;
            default:
                message.Fields.Insert(random.Next(message.Fields.Count + 1), Pick(MutantWords.PlainFields));
                break;
        }
    }

    private void ChangeWildly(MutantMessage message)
    {
        switch (random.Next(6))
        {
            case 0 when message.Fields.Count > 0:
                message.Fields.RemoveAt(random.Next(message.Fields.Count));
                break;
            case 1:
                FrameByChunks(message, isTame: false);
                break;
            case 2:
                message.Target = Pick(MutantWords.Targets);
                break;
            case 3:
                message.Version = Pick(["HTTP/1.2", "HTTP/0.9", "HTTP/2.0", "http/1.1", "HTTP/1.1 ", "HTTP/01.1", "HTTP/1.10", "", "X"]);
                break;
            default:
                message.Fields.Insert(random.Next(message.Fields.Count + 1), Pick(MutantWords.FramingFields));
                break;
        }
    }

    // An absolute form agrees with the Host field most of the time, as the parser asks for.
    private void SetTarget(MutantMessage message, string target)
    {
        message.Target = target;
        var authority = target.IndexOf("://", StringComparison.Ordinal);
        if (authority > 0 && random.Next(4) > 0)
        {
            SetHost(message, target[(authority + 3)..].Split('/', '?', '#')[0]);
        }
    }

    private static void SetHost(MutantMessage message, string host)
    {
        for (var i = 0; i < message.Fields.Count; i++)
        {
            if (message.Fields[i].StartsWith("host:", StringComparison.OrdinalIgnoreCase))
            {
                message.Fields[i] = "Host: " + host;
            }
        }
    }

    private void ChangeSpelling(IList<string> fields, int index)
    {
        var parts = fields[index].Split(':', 2);
        if (parts.Length < 2)
        {
            return;
        }

        var name = random.Next(3) switch
        {
            0 => parts[0].ToUpperInvariant(),
            1 => parts[0].ToLowerInvariant(),
            _ => parts[0],
        };
        fields[index] = name + ":" + Pick(["", " ", "  ", "\t", " \t "]) + parts[1].Trim() + Pick(["", "", " ", "\t", "  "]);
    }

    private void FrameByChunks(MutantMessage message, bool isTame)
    {
        var content = Pick(MutantWords.Bodies);
        var body = new StringBuilder();
        for (var at = 0; at < content.Length;)
        {
            var length = random.Next(1, content.Length - at + 1);
            body.Append(Size(length)).Append(Extension(isTame)).Append(LineEnd(isTame)).Append(content, at, length).Append(LineEnd(isTame));
            at += length;
        }

        body.Append(Size(0)).Append(Extension(isTame)).Append(LineEnd(isTame));
        for (var trailers = random.Next(4) == 0 ? random.Next(1, 3) : 0; trailers > 0; trailers--)
        {
            body.Append(Pick(MutantWords.Trailers));
        }

        message.Body = body.Append(LineEnd(isTame)).ToString();
        message.Framing = Pick(["Transfer-Encoding: chunked", "transfer-encoding: chunked", "Transfer-Encoding: Chunked", "Transfer-Encoding:chunked", "Transfer-Encoding: \tchunked "]);
    }

    private string Size(int length)
    {
        var digits = length.ToString(random.Next(2) == 0 ? "x" : "X", CultureInfo.InvariantCulture);
        return random.Next(4) == 0 ? digits.PadLeft(random.Next(1, 10), '0') : digits;
    }

    private string Extension(bool isTame) => random.Next(isTame ? 8 : 2) == 0 ? Pick(MutantWords.ChunkExtensions) : string.Empty;

    private string LineEnd(bool isTame) => isTame || random.Next(4) > 0 ? "\r\n" : Pick(["\n", "\r", "", "\r\r\n", "\n\r\n", " \r\n", "x\r\n"]);

    private void ChangeBytes(List<byte> bytes)
    {
        var at = random.Next(bytes.Count + 1);
        var length = random.Next(1, 1 + Math.Clamp(bytes.Count - at, 1, 16));
        switch (random.Next(6))
        {
            case 0 when at < bytes.Count:
                bytes[at] ^= (byte)(1 << random.Next(8));
                break;
            case 1 when at < bytes.Count:
                bytes[at] = (byte)random.Next(256);
                break;
            case 2:
                bytes.RemoveRange(at, Math.Min(length, bytes.Count - at));
                break;
            case 3:
                bytes.InsertRange(at, bytes.GetRange(at, Math.Min(length, bytes.Count - at)));
                break;
            default:
                bytes.InsertRange(at, Encoding.Latin1.GetBytes(Pick(MutantWords.Pieces)));
                break;
        }
    }
}
