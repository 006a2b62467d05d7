using System.Diagnostics;
using System.Net;

namespace PolicyProxy.FunctionalTests.Client;

/// <summary>An address of this machine that is no special one (TEST-NET-3, RFC 5737), for as long as the object lives. Needs root and <c>ip</c>.</summary>
internal sealed class PublicAddress : IDisposable
{
    private PublicAddress(IPAddress address) => Address = address;

    public IPAddress Address { get; }

    public static PublicAddress Create()
    {
        // Test runs at the same time get other addresses; the kernel refuses one that is taken.
        for (var attempt = 0; ; attempt++)
        {
            var address = new IPAddress([203, 0, 113, (byte)Random.Shared.Next(1, 255)]);
            var error = Run("add", address);
            if (error.Length == 0)
            {
                return new PublicAddress(address);
            }

            var isTaken = error.Contains("assigned", StringComparison.OrdinalIgnoreCase) || error.Contains("exists", StringComparison.OrdinalIgnoreCase);
            Assert.True(isTaken && attempt < 20, $"ip address add: {error}");
        }
    }

    public void Dispose() => Run("del", Address);

    private static string Run(string verb, IPAddress address)
    {
        using var process = Process.Start(new ProcessStartInfo("ip", ["address", verb, $"{address}/32", "dev", "lo"]) { RedirectStandardError = true })!;
        var error = process.StandardError.ReadToEnd();
        process.WaitForExit();
        return process.ExitCode == 0 ? string.Empty : error;
    }
}
