namespace PolicyProxy.TestKit.Rotation;

/// <summary>What a <see cref="RotationSimulation"/> saw.</summary>
internal sealed record RotationReport
{
    public long Lookups { get; set; }

    /// <summary>Requests that policy allows: first ones, late ones, and those on connections that live on.</summary>
    public long Requests { get; set; }

    /// <summary>Of these, those that were refused.</summary>
    public long FalseDrops { get; set; }

    /// <summary>Requests for a name that is not allowed, or not there, at an address that is open for another name.</summary>
    public long Intrusions { get; set; }

    /// <summary>Of these, those that were let through.</summary>
    public long CrossNameAllows { get; set; }

    /// <summary>Addresses whose identity was another one for who only listened to changes.</summary>
    public long StaleCopies { get; set; }

    /// <summary>Addresses that answers gave.</summary>
    public int AddressesUsed { get; set; }

    /// <summary>Most addresses with more than one name at a time, at the looks taken.</summary>
    public int MostShared { get; set; }

    /// <summary>Most pairs of name and address at a time.</summary>
    public int MostPairs { get; set; }

    /// <summary>Most bytes alive at the looks taken, without those of before the start.</summary>
    public long MostBytes { get; set; }

    public override string ToString() =>
        $"{Lookups} look-ups of {AddressesUsed} addresses; {Requests} requests, {FalseDrops} false drops; {Intrusions} intrusions, {CrossNameAllows} cross-name allows; "
        + $"{StaleCopies} stale copies; at most {MostPairs} pairs, {MostShared} shared addresses, {MostBytes / 1024.0 / 1024.0:F1} MiB";
}
