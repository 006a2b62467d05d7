namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>One name that answers have spoken of, with its addresses. Changed by its <see cref="FqdnTable"/> alone.</summary>
internal sealed class NameEntry(string text, FqdnSelectorSet selectors)
{
    /// <summary>Lower case, without a final dot.</summary>
    public string Text { get; } = text;

    /// <summary>The selectors of the policies it satisfies.</summary>
    public FqdnSelectorSet Selectors { get; set; } = selectors;

    public Dictionary<UInt128, FqdnEntry> Entries { get; } = [];
}

/// <summary>One address that answers have given, with its names. Changed by its <see cref="FqdnTable"/> alone.</summary>
internal sealed class AddressEntry(UInt128 key)
{
    public UInt128 Key { get; } = key;

    /// <summary>In ordinal order.</summary>
    public string[] Names { get; private set; } = [];

    /// <summary>The sets of its names, each with the number of names that have it; few even for thousands of names.</summary>
    public List<(FqdnSelectorSet Set, int Count)> Sets { get; } = [];

    /// <summary>What the last snapshot says; null before the first, and with it the set behind its identity.</summary>
    public LearnedAddress? Published { get; set; }

    /// <summary>The set <see cref="Published"/> was made of.</summary>
    public FqdnSelectorSet PublishedSet { get; set; } = FqdnSelectorSet.Empty;

    /// <summary>Live connections that hold it.</summary>
    public int Holds { get; set; }

    /// <summary>True from the first hold until the grace after the last one has begun.</summary>
    public bool WasHeld { get; set; }

    /// <summary>Its entries stand at least until then, in UTC ticks.</summary>
    public long KeptUntil { get; set; }

    public void Add(NameEntry name)
    {
        var at = ~LearnedAddress.Position(Names, name.Text);
        Names = [.. Names[..at], name.Text, .. Names[at..]];
        Count(name.Selectors, 1);
    }

    public void Remove(NameEntry name)
    {
        var at = LearnedAddress.Position(Names, name.Text);
        Names = [.. Names[..at], .. Names[(at + 1)..]];
        Count(name.Selectors, -1);
    }

    public void Count(FqdnSelectorSet set, int change)
    {
        var at = Sets.FindIndex(known => ReferenceEquals(known.Set, set));
        if (at < 0)
        {
            Sets.Add((set, change));
        }
        else if (Sets[at].Count + change is > 0 and var count)
        {
            Sets[at] = (set, count);
        }
        else
        {
            Sets.RemoveAt(at);
        }
    }
}

/// <summary>One pair of name and address, and how long it stands. Changed by its <see cref="FqdnTable"/> alone.</summary>
internal sealed class FqdnEntry(NameEntry name, AddressEntry address)
{
    public NameEntry Name { get; } = name;

    public AddressEntry Address { get; } = address;

    /// <summary>UTC ticks, grace included; connections that hold the address may keep it longer.</summary>
    public long Expires { get; set; }

    /// <summary>True once forgotten: the queue may still have it.</summary>
    public bool IsForgotten { get; set; }

    public long Due => Math.Max(Expires, Address.KeptUntil);
}
