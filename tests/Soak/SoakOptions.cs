using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PolicyProxy.Soak;

/// <summary>What to run, for how long. Immutable.</summary>
internal sealed record SoakOptions
{
    public static string Usage => "usage: Soak [--minutes N] [--sidecar PATH] [--connections N] [--flows none|compact|json] [--seed N] | Soak rotation [HOURS [SEED]]";

    /// <summary>Length of the load. It goes on a little longer if something that ought to happen has not happened yet.</summary>
    public TimeSpan Length { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>The sidecar: a native program, or a .dll for <c>dotnet</c>; null = publish it from this source.</summary>
    public string? Sidecar { get; init; }

    /// <summary>How the sidecar prints verdicts, which nobody reads: <c>none</c>, <c>compact</c> or <c>json</c>.</summary>
    public string Flows { get; init; } = "none";

    /// <summary>Clients at the same time.</summary>
    public int Connections { get; init; } = 128;

    public int Origins { get; init; } = 3;

    /// <summary>Where the randomness starts. Default: another one in every run.</summary>
    public int Seed { get; init; } = Environment.TickCount;

    /// <summary>Time between two policy files.</summary>
    public TimeSpan BetweenPolicies { get; init; } = TimeSpan.FromSeconds(3);

    /// <summary>Time between two outages of origins.</summary>
    public TimeSpan BetweenOutages { get; init; } = TimeSpan.FromSeconds(10);

    public TimeSpan BetweenSamples { get; init; } = TimeSpan.FromSeconds(10);

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out SoakOptions? options)
    {
        options = new SoakOptions();
        for (var i = 0; i < arguments.Length; i += 2)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : "";
            options = (arguments[i], IsNumber: double.TryParse(value, CultureInfo.InvariantCulture, out var number) && number > 0) switch
            {
                ("--minutes", true) => options with { Length = TimeSpan.FromMinutes(number) },
                ("--connections", true) => options with { Connections = (int)number },
                ("--seed", true) => options with { Seed = (int)number },
                ("--flows", _) when value is "none" or "compact" or "json" => options with { Flows = value },
                ("--sidecar", _) when value.Length > 0 => options with { Sidecar = value },
                _ => null,
            };
            if (options is null)
            {
                return false;
            }
        }

        return true;
    }
}
