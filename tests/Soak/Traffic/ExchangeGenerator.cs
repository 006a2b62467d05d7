using PolicyProxy.Soak.Verdicts;

namespace PolicyProxy.Soak.Traffic;

/// <summary>Makes exchanges up: random, but the same ones for the same seed. One thread.</summary>
/// <param name="ids">Gives every exchange of a run a number of its own.</param>
/// <param name="seed">Where the randomness starts.</param>
internal sealed class ExchangeGenerator(ExchangeIds ids, int seed)
{
    private const int MaxBodyBytes = 1024 * 1024;

    private readonly Random _random = new(seed);

    public Random Random => _random;

    /// <summary>Any request a well-behaved client may send.</summary>
    public Exchange Any()
    {
        var method = _random.Next(10) switch { < 5 => "GET", 5 => "HEAD", 6 => "PUT", _ => "POST" };
        var hasBody = method is "PUT" or "POST";
        var body = hasBody ? (RequestBody)_random.Next(1, 3) : RequestBody.None;
        var bytes = hasBody ? Size(MaxBodyBytes) : 0;
        return Create(method, Folder(), body, bytes, Shape(method, bytes), expectContinue: hasBody && _random.Next(6) == 0);
    }

    /// <summary>One that can be sent together with others: small, and the answer does not end the connection.</summary>
    public Exchange ForPipeline()
    {
        var hasBody = _random.Next(4) == 0;
        var shape = (ResponseShape)_random.Next(2); // Length, Chunked
        return Create(hasBody ? "POST" : "GET", Folder(), hasBody ? (RequestBody)_random.Next(1, 3) : RequestBody.None, hasBody ? Size(2048) : 0, shape, expectContinue: false, maxAnswerBytes: 32 * 1024);
    }

    /// <summary>One with a large answer.</summary>
    public Exchange Download() =>
        Create("GET", "/always/", RequestBody.None, 0, (ResponseShape)_random.Next(3), expectContinue: false, minAnswerBytes: MaxBodyBytes / 2);

    /// <summary>One with a large body.</summary>
    public Exchange Upload(bool isCutOff = false) => new(ids.Next(), "POST", "/always/")
    {
        Body = (RequestBody)_random.Next(1, 3),
        BodyBytes = _random.Next(MaxBodyBytes / 8, MaxBodyBytes),
        ResponseBytes = 100,
        IsCutOff = isCutOff,
    };

    /// <summary>One without a body, to be denied by no policy.</summary>
    public Exchange Simple(bool isCutOff = false) => new(ids.Next(), "GET", "/always/") { ResponseBytes = Size(64 * 1024), IsCutOff = isCutOff };

    /// <summary>An upgrade to WebSocket.</summary>
    public Exchange Socket() => new(ids.Next(), "GET", _random.Next(8) == 0 ? "/never/" : "/socket/") { Response = ResponseShape.Tunnel };

    /// <summary>A request that asks which policy is in force.</summary>
    public Exchange Probe(PolicyVersion policy) => new(ids.Next(), "GET", $"/probe/{policy.Number}/") { ResponseBytes = 10 };

    /// <summary>One that must be refused whatever the policy says; the caller makes it malformed.</summary>
    public Exchange Malformed() => new(ids.Next(), "POST", "/always/") { IsMalformed = true };

    private Exchange Create(
        string method, string folder, RequestBody body, int bodyBytes, ResponseShape shape, bool expectContinue, int minAnswerBytes = 0, int maxAnswerBytes = MaxBodyBytes) =>
        new(ids.Next(), method, folder)
        {
            Level = folder == "/header/" ? _random.Next(PolicyVersion.Count) : null,
            Body = body,
            BodyBytes = bodyBytes,
            ExpectContinue = expectContinue,
            Response = shape,
            ResponseBytes = Math.Max(minAnswerBytes, shape is ResponseShape.DropInBody ? 4096 : Size(maxAnswerBytes)),
            Delay = TimeSpan.FromMilliseconds(_random.Next(50) == 0 ? _random.Next(1, 60) : 0),
        };

    private string Folder() => _random.Next(20) switch
    {
        < 13 => "/always/",
        13 or 14 => $"/turn/{_random.Next(PolicyVersion.Count)}/",
        15 => "/header/",
        16 => "/method/",
        _ => "/never/",
    };

    private ResponseShape Shape(string method, int bodyBytes) => _random.Next(100) switch
    {
        < 40 => ResponseShape.Length,
        < 70 => ResponseShape.Chunked,
        < 74 => ResponseShape.NoContent,
        < 78 => ResponseShape.NotModified,
        < 82 => ResponseShape.Interim,
        < 86 => ResponseShape.LengthThenClose,
        < 90 when method != "HEAD" => ResponseShape.UntilClose,
        < 94 when bodyBytes > 0 => ResponseShape.EarlyThenKeep,
        < 97 when bodyBytes > 0 => ResponseShape.EarlyThenClose,
        97 when method != "HEAD" => ResponseShape.DropBeforeHead,
        98 when method != "HEAD" => ResponseShape.DropInBody,
        _ => ResponseShape.Length,
    };

    /// <summary>Small sizes are likelier than large ones, and the ends of the range are among them.</summary>
    private int Size(int max) => _random.Next(10) switch
    {
        0 => 0,
        < 7 => _random.Next(Math.Min(max, 2048)),
        < 9 => _random.Next(Math.Min(max, 64 * 1024)),
        _ => _random.Next(8) == 0 ? max : _random.Next(Math.Min(max, 256 * 1024)),
    };
}
