namespace PolicyProxy.TestKit.Origins;

/// <summary>
/// How to start a server program. In arguments and in the configuration, <c>{port}</c>, <c>{folder}</c>, <c>{config}</c> and
/// <c>{application}</c> are replaced.
/// </summary>
internal sealed record OriginProgram
{
    /// <summary>Its name, or its path.</summary>
    public required string Name { get; init; }

    /// <summary>The Debian package it is in.</summary>
    public required string Package { get; init; }

    public required IReadOnlyList<string> Arguments { get; init; }

    /// <summary>File below <c>Origins/Programs</c>.</summary>
    public required string Configuration { get; init; }

    /// <summary>Unix socket of the FastCGI application; empty if it has none.</summary>
    public string Application { get; init; } = string.Empty;

    /// <summary>Path of the program; an error with the package's name if it is not there.</summary>
    public string Find() =>
        (Environment.GetEnvironmentVariable("PATH") ?? string.Empty).Split(':').Append("/usr/sbin")
            .Select(folder => Path.Combine(folder, Name))
            .FirstOrDefault(File.Exists)
        ?? throw new InvalidOperationException($"{Name} is needed: install the Debian package {Package}");
}
