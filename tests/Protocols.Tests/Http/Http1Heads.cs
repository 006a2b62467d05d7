using PolicyProxy.Fuzz;

namespace PolicyProxy.Protocols.Tests.Http;

/// <summary>Heads as bytes: written with one byte per character, or recorded.</summary>
internal static class Http1Heads
{
    /// <summary>Request heads that real programs sent.</summary>
    public static IReadOnlyList<byte[]> Requests => RecordedMessages.HttpRequests;

    /// <summary>Response heads that real programs sent.</summary>
    public static IReadOnlyList<byte[]> Responses => RecordedMessages.HttpResponses;

    public static byte[] Bytes(string text) => RecordedMessages.Bytes(text);

    /// <summary>A head of these lines.</summary>
    public static byte[] Of(params string[] lines) => Bytes(string.Join("\r\n", lines) + "\r\n\r\n");
}
