namespace PolicyProxy.Enforcement.Interceptors;

/// <summary>What a <see cref="PolicyProxyClientInterceptor"/> is told of its channel. Read when it is made.</summary>
public sealed class PolicyProxyClientInterceptorOptions
{
    /// <summary>Host and port of the channel's URI as they are sent, <c>cart.shop:5000</c>. Default null: the destination's address.</summary>
    public string? Authority { get; set; }

    /// <summary>True if the channel speaks TLS and verifies the server's certificate for <see cref="Authority"/>. Default false.</summary>
    public bool IsTls { get; set; }

    /// <summary>Clock for latencies. Default the system's.</summary>
    public TimeProvider TimeProvider { get; set; } = TimeProvider.System;
}
