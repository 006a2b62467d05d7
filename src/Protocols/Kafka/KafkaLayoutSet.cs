namespace PolicyProxy.Protocols.Kafka;

/// <summary>Layouts by key and version, compiled on first use. Thread-safe.</summary>
internal sealed class KafkaLayoutSet
{
    private readonly KafkaLayoutEntry?[] _entries;

    /// <summary>Takes the entries, in ascending order of keys.</summary>
    public KafkaLayoutSet(params ReadOnlySpan<KafkaLayoutEntry> entries)
    {
        _entries = new KafkaLayoutEntry?[entries[^1].ApiKey + 1];
        foreach (var entry in entries)
        {
            _entries[entry.ApiKey] = entry;
        }
    }

    /// <summary>Keys and highest versions.</summary>
    public IEnumerable<(short ApiKey, short MaxVersion)> All =>
        _entries.OfType<KafkaLayoutEntry>().Select(entry => (entry.ApiKey, (short)(entry.Layouts.Length - 1)));

    /// <summary>The highest version of a key; -1 if it is not known.</summary>
    public short MaxVersion(short apiKey) =>
        (uint)apiKey < (uint)_entries.Length && _entries[apiKey] is { } entry ? (short)(entry.Layouts.Length - 1) : (short)-1;

    /// <summary>The layout; null if the key or this version of it is not known.</summary>
    public KafkaLayout? Find(short apiKey, short apiVersion) =>
        (uint)apiKey < (uint)_entries.Length && _entries[apiKey] is { } entry && (uint)apiVersion < (uint)entry.Layouts.Length
            ? entry.Layouts[apiVersion] ??= KafkaLayoutCompiler.Compile(entry.Notation, apiVersion, apiVersion >= entry.FlexibleFrom)
            : null;
}

/// <summary>One line of a table.</summary>
internal sealed class KafkaLayoutEntry(short apiKey, short maxVersion, short flexibleFrom, string notation)
{
    /// <summary>For keys without flexible versions.</summary>
    public const short NeverFlexible = short.MaxValue;

    public short ApiKey { get; } = apiKey;

    public short FlexibleFrom { get; } = flexibleFrom;

    public string Notation { get; } = notation;

    // two threads may compile the same version; both results are equal and either may stay
    public KafkaLayout?[] Layouts { get; } = new KafkaLayout?[maxVersion + 1];
}
