namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>Marks a request that the middleware has judged and let through, so that nobody judges it again.</summary>
internal sealed class JudgedRequest
{
    private JudgedRequest()
    {
    }

    public static JudgedRequest Instance { get; } = new();
}
