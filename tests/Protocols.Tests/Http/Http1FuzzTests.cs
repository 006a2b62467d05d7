using System.Buffers;
using System.Text;
using PolicyProxy.Protocols.Http;
using Xunit.Abstractions;

namespace PolicyProxy.Protocols.Tests.Http;

/// <summary>Mutates recorded heads and compares scanner, view and a second reading that splits text naively.</summary>
public class Http1FuzzTests(ITestOutputHelper output)
{
    private const int Seed = 9112;
    private const int Rounds = 200_000;

    private static readonly byte[][] s_dictionary =
    [
        .. new[]
        {
            "\r\n", "\n", "\r", "\0", " ", "\t", ":", ",", ";", "#", "@", "\\", "%2f", "..", "//", "\xE9", "\r\n ", "\r\n\r\n", "HTTP/1.0", "HTTP/1.1", "http://a",
            "Content-Length: 5\r\n", "Content-Length: 0\r\n", "Transfer-Encoding: chunked\r\n", "Host: b\r\n", "Connection: close\r\n", "Expect: 100-continue\r\n",
            "chunked", "gzip, ", "_", "99999999999999999999", "Upgrade: h2c\r\n", "GET /x HTTP/1.1\r\n", ": y\r\n",
        }.Select(Http1Heads.Bytes),
    ];

    private readonly char[] _scratch = new char[HttpLimits.Default.MaxScratchChars];

    [Fact]
    public void Http1_mutated_requests_are_refused_or_read_like_a_naive_reader_reads_them()
    {
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        var accepted = 0;
        for (var round = 0; round < Rounds; round++)
        {
            var mutant = Mutate(Http1Heads.Requests, random);
            var context = $"seed {Seed}, round {round}: {Convert.ToHexString(mutant)}";
            var length = ScanTwice(mutant, random, context);
            var whole = Http1Request.TryParse(mutant, HttpLimits.Default, _scratch, out _, out var error);
            Assert.True(whole == (error.Code == ProtocolErrorCode.None) && error.Offset >= 0 && error.Offset <= mutant.Length, context);
            Assert.True(!whole || length == mutant.Length, context);
            if (length > 0 && Http1Request.TryParse(mutant.AsSpan(0, length), HttpLimits.Default, _scratch, out var request, out _))
            {
                accepted++;
                AssertReadsAlike(mutant.AsSpan(0, length), request, context);
            }
        }

        output.WriteLine($"{accepted} of {Rounds} mutants accepted");
        Assert.InRange(accepted, Rounds / 100, Rounds * 9 / 10);
    }

    [Fact]
    public void Http1_mutated_responses_and_bodies_end_at_the_same_byte_however_they_are_cut()
    {
        var random = new Random(Seed);
        output.WriteLine($"seed {Seed}");
        byte[][] bodies = [.. Http1BodyScannerTests.Bodies.Select(row => Http1Heads.Bytes((string)((object?[])row)[0]!))];
        for (var round = 0; round < Rounds / 4; round++)
        {
            var head = Mutate(Http1Heads.Responses, random);
            var read = Http1Response.TryParse(head, (Http1ResponseTo)random.Next(3), HttpLimits.Default, out _, out var error);
            Assert.True(read == (error.Code == ProtocolErrorCode.None) && error.Offset >= 0 && error.Offset <= head.Length, Convert.ToHexString(head));
            var body = Mutate(bodies, random);
            var cut = random.Next(body.Length + 1);
            Assert.Equal(ScanBody(body, body.Length), ScanBody(body, cut));
        }
    }

    private static (OperationStatus Status, int Consumed, ProtocolErrorCode Code) ScanBody(byte[] body, int cut)
    {
        var scanner = new Http1BodyScanner(Http1BodyKind.Chunked, 0, HttpLimits.Default);
        var status = scanner.Scan(body.AsSpan(0, cut), out var consumed);
        if (status == OperationStatus.NeedMoreData)
        {
            Assert.Equal(cut, consumed);
            status = scanner.Scan(body.AsSpan(cut), out var more);
            consumed += more;
        }

        return (status, consumed, scanner.Error.Code);
    }

    // Length of the head, 0 if there is none
    private static int ScanTwice(byte[] mutant, Random random, string context)
    {
        var whole = new Http1HeadScanner(HttpLimits.Default);
        var status = whole.Scan(mutant, out int length);
        var pieces = new Http1HeadScanner(HttpLimits.Default);
        var cut = random.Next(mutant.Length + 1);
        var first = pieces.Scan(mutant.AsSpan(0, cut), out int firstLength);
        if (first == OperationStatus.NeedMoreData)
        {
            first = pieces.Scan(mutant, out firstLength);
        }

        Assert.True((status, length, whole.Error) == (first, firstLength, pieces.Error), context);
        Assert.True(length <= mutant.Length && (status == OperationStatus.Done) == (length > 0), context);
        return length;
    }

    private static void AssertReadsAlike(ReadOnlySpan<byte> head, Http1Request request, string context)
    {
        var text = Encoding.Latin1.GetString(head);
        var lines = text.Split("\r\n");
        Assert.True(lines[^1].Length == 0 && lines[^2].Length == 0, context);
        Assert.False(text.Replace("\r\n", "", StringComparison.Ordinal).Any(character => character is (< ' ' and not '\t') or '\x7F'), context);

        var start = lines[0].Split(' ');
        Assert.True(start.Length == 3 && start[0] == request.Method.ToString() && start[2] == request.Protocol.ToString(), context);
        Assert.True(start[1].EndsWith(request.Path.ToString(), StringComparison.Ordinal) || request.Path is "/", context);
        Assert.DoesNotContain('#', start[1]);

        var fields = lines[1..^2]
            .Select(line => line.Split(':', 2))
            .Select(parts => (Name: parts[0].ToLowerInvariant(), Value: parts[1].Trim(' ', '\t')))
            .ToList();
        var seen = 0;
        foreach (var field in request.Fields)
        {
            Assert.True(string.Equals(Encoding.Latin1.GetString(field.Name), fields[seen].Name, StringComparison.OrdinalIgnoreCase) && Encoding.Latin1.GetString(field.Value) == fields[seen].Value, context);
            seen++;
        }

        Assert.True(seen == fields.Count, context);
        var hosts = fields.Where(field => field.Name == "host").ToList();
        Assert.True(hosts.Count == 1 || (hosts.Count == 0 && start[2] == "HTTP/1.0"), context);
        var lengths = fields.Where(field => field.Name == "content-length").ToList();
        var codings = fields.Where(field => field.Name == "transfer-encoding").ToList();
        Assert.True(lengths.Count + codings.Count <= 1, context);
        Assert.True(codings.Count == 0 == (request.BodyKind != Http1BodyKind.Chunked), context);
        Assert.True(lengths.Count == 0 ? request.ContentLength == 0 : lengths[0].Value == request.ContentLength.ToString(), context);
    }

    private static byte[] Mutate(IReadOnlyList<byte[]> corpus, Random random)
    {
        var bytes = new List<byte>(corpus[random.Next(corpus.Count)]);
        for (var i = random.Next(1, 4); i > 0; i--)
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
                case 4:
                    InsertLine(bytes, random);
                    break;
                default:
                    bytes.InsertRange(at, s_dictionary[random.Next(s_dictionary.Length)]);
                    break;
            }
        }

        return [.. bytes];
    }

    // At the start of a line, where a field of the dictionary means something
    private static void InsertLine(List<byte> bytes, Random random)
    {
        var lineEnds = Enumerable.Range(0, bytes.Count).Where(i => bytes[i] == '\n').ToList();
        var at = lineEnds.Count == 0 ? 0 : lineEnds[random.Next(lineEnds.Count)] + 1;
        bytes.InsertRange(at, s_dictionary[random.Next(s_dictionary.Length)]);
    }
}
