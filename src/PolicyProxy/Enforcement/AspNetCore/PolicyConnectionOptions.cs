namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>Settings of <c>listen.UsePolicyProxy()</c>. Read when the server starts.</summary>
public sealed class PolicyConnectionOptions
{
    /// <summary>
    /// True if every request on the connections is judged as well, false if nobody looks into them: then connections that rules look into are refused,
    /// and client certificates are not asked for. Default null: whether the application has <c>app.UsePolicyProxy()</c>. Set it to false for
    /// listeners whose connections are not served as HTTP.
    /// </summary>
    public bool? RequestsAreJudged { get; set; }

    /// <summary>How long a client may take for its ClientHello where it is needed, 1 second to 10 minutes. Default 10 seconds, Kestrel's handshake timeout.</summary>
    public TimeSpan HelloTimeout { get; set; } = TimeSpan.FromSeconds(10);

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(HelloTimeout, TimeSpan.FromSeconds(1));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(HelloTimeout, TimeSpan.FromMinutes(10));
    }
}
