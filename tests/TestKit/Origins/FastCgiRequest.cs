using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PolicyProxy.TestKit.Origins;

/// <summary>A request as a web server hands it to FastCGI applications.</summary>
/// <param name="Parameters">Variables in order; a name can come twice.</param>
/// <param name="Body">Content, chunk framing taken off.</param>
internal sealed record FastCgiRequest(IReadOnlyList<KeyValuePair<string, string>> Parameters, byte[] Body)
{
    private const string FieldPrefix = "HTTP_";

    /// <summary>Reads a whole request; null if the server gives up before its end.</summary>
    public static async Task<FastCgiRequest?> ReadAsync(Stream stream)
    {
        using var parameters = new MemoryStream();
        using var body = new MemoryStream();
        while (await FastCgiRecord.ReadAsync(stream) is { } record)
        {
            switch (record.Type)
            {
                case FastCgiRecord.Parameters:
                    parameters.Write(record.Content);
                    break;
                case FastCgiRecord.Input when record.Content.Length == 0:
                    return new FastCgiRequest(Pairs(parameters.ToArray()), body.ToArray());
                case FastCgiRecord.Input:
                    body.Write(record.Content);
                    break;
                default:
                    break;
            }
        }

        return null;
    }

    public OriginRequest ToOriginRequest() => new()
    {
        ClientPort = int.Parse(Value("REMOTE_PORT"), CultureInfo.InvariantCulture),
        Method = Value("REQUEST_METHOD"),
        Target = Value("REQUEST_URI"),
        Path = Value("DOCUMENT_URI") is { Length: > 0 } path ? path : Value("SCRIPT_NAME") + Value("PATH_INFO"),
        Host = Value("HTTP_HOST"),
        BodyBytes = Body.Length,
        BodyDigest = OriginRequest.Digest(Body),
        Fields = string.Concat(Parameters
            .Where(static pair => pair.Key.StartsWith(FieldPrefix, StringComparison.Ordinal))
            .Select(static pair => $"{pair.Key[FieldPrefix.Length..].ToLowerInvariant().Replace('_', '-')}: {pair.Value}\r\n")),
    };

    private string Value(string name) => Parameters.FirstOrDefault(pair => pair.Key == name).Value ?? string.Empty;

    private static List<KeyValuePair<string, string>> Pairs(ReadOnlySpan<byte> rest)
    {
        var pairs = new List<KeyValuePair<string, string>>();
        while (!rest.IsEmpty)
        {
            var name = TakeLength(ref rest);
            var value = TakeLength(ref rest);
            pairs.Add(KeyValuePair.Create(Encoding.Latin1.GetString(rest[..name]), Encoding.Latin1.GetString(rest.Slice(name, value))));
            rest = rest[(name + value)..];
        }

        return pairs;
    }

    // One byte below 128, or four with the highest bit set
    private static int TakeLength(ref ReadOnlySpan<byte> rest)
    {
        var isShort = rest[0] < 0x80;
        var length = isShort ? rest[0] : (int)(BinaryPrimitives.ReadUInt32BigEndian(rest) & int.MaxValue);
        rest = rest[(isShort ? 1 : 4)..];
        return length;
    }
}
