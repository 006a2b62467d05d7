using Microsoft.Extensions.Logging;

namespace PolicyProxy.Spiffe;

/// <summary>Events 2400 to 2499: trust bundles. The category is <see cref="TrustBundles"/>.</summary>
internal static partial class Log
{
    [LoggerMessage(2400, LogLevel.Information, "Trust domain {TrustDomain}: {Count} certificate authorities are in force", EventName = "TrustBundleInForce")]
    public static partial void TrustBundleInForce(ILogger logger, string trustDomain, int count);

    [LoggerMessage(2401, LogLevel.Error, "Trust domain {TrustDomain}: the bundle is refused, the last good one stays in force: {Problem}", EventName = "TrustBundleRefused")]
    public static partial void TrustBundleRefused(ILogger logger, string trustDomain, string problem);
}
