using System.Globalization;
using System.Net;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>Who sends in the demo; the inventory knows them by these addresses.</summary>
/// <param name="Name">Pod name.</param>
/// <param name="Address">Loopback address it sends from.</param>
internal sealed record DemoSender(string Name, IPAddress Address)
{
    public static DemoSender Frontend { get; } = new("frontend", IPAddress.Parse("127.0.0.10"));

    public static DemoSender Orders { get; } = new("orders", IPAddress.Parse("127.0.0.20"));

    public static DemoSender Stranger { get; } = new("stranger", IPAddress.Parse("127.0.0.66"));
}

/// <summary>One request of the demo and what the policy says about it.</summary>
/// <param name="Sender">Who sends it.</param>
/// <param name="Method">HTTP method, or name of the Kafka request.</param>
/// <param name="Path">Path and query, sent exactly like this, or the topic.</param>
/// <param name="Expected">Answer the client must get: a status code, an <see cref="ErrorAnswer"/>, or <see cref="Reset"/>.</param>
/// <param name="Point">What it shows.</param>
internal sealed record DemoRequest(DemoSender Sender, string Method, string Path, string Expected, string Point)
{
    /// <summary>The answer of a connection that is cut off without a byte.</summary>
    public const string Reset = "reset";

    public static IReadOnlyList<DemoRequest> Http { get; } =
    [
        new(DemoSender.Frontend, "GET", "/api/health", "200", "an allowed request"),
        new(DemoSender.Frontend, "GET", "/api/v1/orders", "200", "a pattern"),
        new(DemoSender.Frontend, "GET", "/api/v1/orders/17?verbose=true", "200", "patterns see the query"),
        new(DemoSender.Frontend, "POST", "/api/v1/orders", "403", "same path, other method"),
        new(DemoSender.Frontend, "GET", "/api/healthz", "403", "patterns match in full"),
        new(DemoSender.Frontend, "GET", "/admin", "403", "no rule"),
        new(DemoSender.Frontend, "GET", "/api/v1/../../admin", "400", "no way around by dots"),
        new(DemoSender.Stranger, "GET", "/api/health", Reset, "not a peer of the policy"),
    ];

    public static IReadOnlyList<DemoRequest> Kafka { get; } =
    [
        new(DemoSender.Orders, "produce", "orders", ErrorAnswer(0), "an allowed topic"),
        new(DemoSender.Orders, "produce", "payments", ErrorAnswer(29), "another topic"),
        new(DemoSender.Orders, "fetch", "orders", ErrorAnswer(29), "same topic, to read"),
        new(DemoSender.Stranger, "produce", "orders", Reset, "not a peer of the policy"),
    ];

    public static IReadOnlyList<DemoRequest> All { get; } = [.. Http, .. Kafka];

    /// <summary>True if the policy allows it.</summary>
    public bool IsAllowed => Expected is "200" or "err 0";

    /// <summary>The answer with a Kafka error code; 29 is a topic the client may not use.</summary>
    public static string ErrorAnswer(short error) => string.Create(CultureInfo.InvariantCulture, $"err {error}");
}
