namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>
/// Which names led to which addresses, and until when. An answer that brings nothing new costs one look-up per address; a new pair costs the
/// same with ten addresses as with ten thousand. Not thread-safe: its <see cref="IdentityTable"/> locks, and publishes what it collects.
/// </summary>
internal sealed class FqdnTable
{
    /// <summary>Longest name that is learned, in characters of presentation form: 255 octets, each escaped.</summary>
    public const int MaxNameChars = 1_020;

    private readonly FqdnOptions _options;
    private readonly LearnedIdentities _identities;
    private readonly Dictionary<string, NameEntry> _names = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<string, NameEntry>.AlternateLookup<ReadOnlySpan<char>> _byName;
    private readonly Dictionary<UInt128, AddressEntry> _addresses = [];
    private readonly HashSet<AddressEntry> _changed = [];
    private readonly FqdnExpiry _expiry;
    private FqdnSelectorIndex _index = new([]);

    public FqdnTable(FqdnOptions options, Func<uint> nextNumber)
    {
        _options = options;
        _identities = new LearnedIdentities(nextNumber);
        _byName = _names.GetAlternateLookup<ReadOnlySpan<char>>();
        _expiry = new FqdnExpiry(options);
    }

    /// <summary>Pairs of name and address.</summary>
    public int Count => _expiry.Count;

    /// <summary>Grows with every pair that is new or stands longer than before.</summary>
    public long Revision { get; private set; }

    /// <summary>True if there is something to <see cref="Collect"/>.</summary>
    public bool HasChanges => _changed.Count > 0;

    /// <summary>Takes in an answer; returns the number of pairs that are new.</summary>
    public int Learn(in FqdnAnswer answer, DateTimeOffset now)
    {
        var chainTtl = uint.MaxValue;
        foreach (ref readonly var alias in answer.Aliases)
        {
            chainTtl = Math.Min(chainTtl, alias.TtlSeconds);
        }

        var added = 0;
        foreach (ref readonly var address in answer.Addresses)
        {
            if (address.IsNeverLearned || (address.IsLinkLocal && !_options.LearnsLinkLocal))
            {
                continue;
            }

            var expires = Expiry(Math.Min(chainTtl, address.TtlSeconds), now);
            added += Learn(answer.Name, address.Key, expires) ? 1 : 0;
            foreach (ref readonly var alias in _options.LearnsAliases ? answer.Aliases : [])
            {
                added += Learn(alias.Target, address.Key, expires) ? 1 : 0;
            }
        }

        return added;
    }

    /// <summary>Takes in one pair that stands at least until the time given; true if it is new.</summary>
    public bool Learn(ReadOnlySpan<char> name, UInt128 key, long expires)
    {
        name = FqdnPattern.WithoutFinalDot(name);
        if (name.Length > MaxNameChars)
        {
            return false;
        }

        if (!_byName.TryGetValue(name, out var known))
        {
            var text = name.ToString().ToLowerInvariant();
            _names[text] = known = new NameEntry(text, _index.Of(text));
        }
        else if (known.Entries.TryGetValue(key, out var same))
        {
            if (expires > same.Expires)
            {
                same.Expires = expires;
                Revision++;
            }

            return false;
        }

        Add(known, key, expires);
        return true;
    }

    /// <summary>Forgets what is due and not held.</summary>
    public void Expire(DateTimeOffset now)
    {
        while (_expiry.TakeDue(now.UtcTicks) is { } due)
        {
            Forget(due);
        }
    }

    /// <summary>The address's entry, held for a live connection; null if no answer has given it.</summary>
    public AddressEntry? Hold(UInt128 key)
    {
        if (!_addresses.TryGetValue(key, out var address))
        {
            return null;
        }

        address.Holds++;
        address.WasHeld = true;
        return address;
    }

    /// <summary>Every pair, for keeping over a restart.</summary>
    public IReadOnlyList<LearnedName> Export() =>
        [.. _names.Values.SelectMany(static name => name.Entries.Values.Select(entry =>
            new LearnedName(name.Text, entry.Address.Key, new DateTimeOffset(entry.Due, TimeSpan.Zero))))];

    /// <summary>Asks the names again which selectors they satisfy, because policies or networks have changed; everything is collected anew.</summary>
    public void Rebase(IReadOnlyCollection<FqdnSelector> selectors)
    {
        _index = new FqdnSelectorIndex(selectors);
        _identities.Rebase(_index);
        foreach (var address in _addresses.Values)
        {
            address.Sets.Clear();
            address.PublishedSet = FqdnSelectorSet.Empty;
            address.Published = null;
            _changed.Add(address);
        }

        foreach (var name in _names.Values)
        {
            name.Selectors = _index.Of(name.Text);
            foreach (var entry in name.Entries.Values)
            {
                entry.Address.Count(name.Selectors, 1);
            }
        }
    }

    /// <summary>Tells what has changed since the last time: addresses with what is known of them now, null for those that are forgotten.</summary>
    /// <param name="unnamedOf">Identity of an address without regard to names.</param>
    public IReadOnlyList<(UInt128 Key, LearnedAddress? Before, LearnedAddress? After)> Collect(Func<UInt128, Identity> unnamedOf)
    {
        var changes = new List<(UInt128, LearnedAddress?, LearnedAddress?)>(_changed.Count);
        foreach (var address in _changed)
        {
            var (before, beforeSet) = (address.Published, address.PublishedSet);
            address.PublishedSet = address.Names.Length == 0 ? FqdnSelectorSet.Empty : FqdnSelectorSet.Union(address.Sets);
            address.Published = address.Names.Length == 0
                ? null
                : new LearnedAddress(_identities.Acquire(unnamedOf(address.Key), address.PublishedSet), address.Names);
            changes.Add((address.Key, before, address.Published));
            if (before is not null)
            {
                _identities.Release(before.Identity, beforeSet);
            }
        }

        _changed.Clear();
        _identities.EndRebase();
        return changes;
    }

    private long Expiry(uint ttlSeconds, DateTimeOffset now)
    {
        var ttl = Math.Min(Math.Max(ttlSeconds * TimeSpan.TicksPerSecond, _options.MinTtl.Ticks), _options.MaxTtl.Ticks);
        return now.UtcTicks + ttl + _options.Grace.Ticks;
    }

    private void Add(NameEntry name, UInt128 key, long expires)
    {
        if (name.Entries.Count >= _options.MaxAddressesPerName)
        {
            Forget(FqdnExpiry.SoonestOf(name.Entries.Values));
        }
        else if (Count >= _options.MaxEntries)
        {
            Forget(_expiry.TakeSoonest());
        }

        if (!_addresses.TryGetValue(key, out var address))
        {
            _addresses[key] = address = new AddressEntry(key);
        }

        Revision++;
        var entry = new FqdnEntry(name, address) { Expires = expires };
        name.Entries[key] = entry;
        _names[name.Text] = name; // the entry forgotten for it may have been this name's last
        address.Add(name);
        _expiry.Add(entry);
        _changed.Add(address);
    }

    private void Forget(FqdnEntry entry)
    {
        _expiry.Forget(entry);
        entry.Name.Entries.Remove(entry.Address.Key);
        entry.Address.Remove(entry.Name);
        _changed.Add(entry.Address);
        if (entry.Name.Entries.Count == 0)
        {
            _names.Remove(entry.Name.Text);
        }

        if (entry.Address.Names.Length == 0)
        {
            _addresses.Remove(entry.Address.Key);
        }
    }
}
