using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>The limits under which every HTTP target reads its input: the defaults, and ones that short inputs reach.</summary>
internal static class HttpFuzzLimits
{
    /// <summary>Limits that a head of a few lines and a body of a few chunks reach.</summary>
    public static HttpLimits Small { get; } = new()
    {
        MaxHeadBytes = 160,
        MaxHeaders = 4,
        MaxTargetBytes = 24,
        MaxMethodBytes = 5,
        MaxAuthorityBytes = 14,
        MaxBodyBytes = 40,
        MaxChunkBytes = 24,
        MaxChunkExtensionBytes = 8,
        MaxTrailerBytes = 24,
    };
}
