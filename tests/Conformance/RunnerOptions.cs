using System.Diagnostics.CodeAnalysis;
using System.Globalization;

namespace PolicyProxy.Conformance;

/// <summary>The command line of the runner.</summary>
internal sealed record RunnerOptions
{
    public string? Directory { get; private init; }

    public string? Manifests { get; private init; }

    /// <summary>Runs the naive evaluator instead of the product: a test of the vectors and of the evaluator.</summary>
    public bool Naive { get; private init; }

    /// <summary>Number of random cases; null = run vectors.</summary>
    public long? DifferentialCases { get; private init; }

    public ulong? Seed { get; private init; }

    public static bool TryParse(string[] arguments, [NotNullWhen(true)] out RunnerOptions? options, out string problem)
    {
        options = null;
        problem = "";
        var parsed = new RunnerOptions();
        for (var i = 0; i < arguments.Length; i++)
        {
            var value = i + 1 < arguments.Length ? arguments[i + 1] : null;
            switch (arguments[i])
            {
                case "--naive":
                    parsed = parsed with { Naive = true };
                    break;
                case "--manifests" when value is not null:
                    parsed = parsed with { Manifests = value };
                    i++;
                    break;
                case "--differential" when long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var cases) && cases > 0:
                    parsed = parsed with { DifferentialCases = cases };
                    i++;
                    break;
                case "--seed" when ulong.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var seed):
                    parsed = parsed with { Seed = seed };
                    i++;
                    break;
                case var directory when !directory.StartsWith('-') && parsed.Directory is null:
                    parsed = parsed with { Directory = directory };
                    break;
                default:
                    problem = $"{arguments[i]} is not understood";
                    return false;
            }
        }

        options = parsed;
        problem = parsed.Directory is null && parsed.DifferentialCases is null ? "name a directory of vectors" : "";
        return problem.Length == 0;
    }

    /// <summary>Does what was asked. 0 = everything agreed.</summary>
    public int Run(TextWriter output)
    {
        if (DifferentialCases is { } cases)
        {
            return DifferentialReport.Run(cases, Seed ?? (ulong)Environment.TickCount64, output) ? 0 : 1;
        }

        IVectorSubject subject = Naive ? new NaiveSubject() : new GateSubject();
        return new ConformanceRun(subject, Manifests, output).Run(Directory!) ? 0 : 1;
    }
}
