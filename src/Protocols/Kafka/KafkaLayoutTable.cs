namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The layouts of the requests that name topics, groups or transactions, as facts: order, type and version range of each field. Compiled
/// per version on first use. Thread-safe.
/// <para>
/// Notation. <c>i8 i16 i32 i64 i128</c> fixed size; <c>s</c> string; <c>b</c> bytes or records; <c>T</c> topic name; <c>I</c> topic id;
/// <c>T~ I~</c> the same when the other half follows; <c>x*</c> array of x; <c>[ … ]</c> array of structs; <c>{ … }</c> optional struct.
/// <c>?</c> nullable. <c>@2</c>, <c>@2-4</c>, <c>@2+</c> versions that have the field; <c>?2+</c> versions in which it is nullable.
/// A topic that a request only gives up (Fetch's forgotten topics) is written <c>s</c> or <c>i128</c>: it asks for no access.
/// </para>
/// </summary>
internal static class KafkaLayoutTable
{
    private static readonly Entry?[] Entries = Build(
        new(0, 13, 9, "s?@3+ i16 i32 [ T@0-12 I@13 [ i32 b? ] ]"),
        new(1, 18, 12, "i32@0-14 i32 i32 i32@3+ i8@4+ i32@7+ i32@7+ [ T@0-12 I@13+ [ i32 i32@9+ i64 i32@12+ i64@5+ i32 ] ] [ s@7-12 i128@13+ i32* ]@7+ s@11+"),
        new(2, 11, 6, "i32 i8@2+ [ T [ i32 i32@4+ i64 i32@0 ] ] i32@10+"),
        new(3, 13, 9, "[ I~@10+ T?10+ ]?1+ i8@4+ i8@8-10 i8@8+"),
        new(8, 10, 8, "s i32@1+ s@1+ s?@7+ i64@2-4 [ T@0-9 I@10 [ i32 i64 i64@1 i32@6+ s? ] ]"),
        new(9, 10, 6, "s@0-7 [ T i32* ]?2+@0-7 [ s s?@9+ i32@9+ [ T@8-9 I@10 i32* ]? ]@8+ i8@7+"),
        new(10, 6, 3, "s@0-3 i8@1+ s*@4+"),
        new(11, 9, 6, "s i32 i32@1+ s s?@5+ s [ s b ] s?@8+"),
        new(12, 4, 4, "s i32 s s?@3+"),
        new(13, 5, 4, "s s@0-2 [ s s?@3+ s?@5+ ]@3+"),
        new(14, 5, 4, "s i32 s s?@3+ s?@5+ s?@5+ [ s b ]"),
        new(15, 6, 5, "s* i8@3+"),
        new(16, 5, 3, "s*@4+ s*@5+"),
        new(17, 1, NeverFlexible, "s"),
        new(18, 4, 3, "s@3+ s@3+"),
        new(19, 7, 5, "[ T i32 i16 [ i32 i32* ] [ s s? ] ] i32 i8@1+"),
        new(20, 6, 4, "[ T~? I ]@6 T*@0-5 i32"),
        new(21, 2, 2, "[ T [ i32 i64 ] ] i32"),
        new(22, 5, 2, "s? i32 i64@3+ i16@3+"),
        new(23, 4, 4, "i32@3+ [ T [ i32 i32@2+ i32 ] ]"),
        new(24, 5, 3, "[ s i64 i16 i8 [ T i32* ] ]@4+ s@0-3 i64@0-3 i16@0-3 [ T i32* ]@0-3"),
        new(25, 4, 3, "s i64 i16 s"),
        new(26, 5, 3, "s i64 i16 i8"),
        new(28, 5, 3, "s s i64 i16 i32@3+ s@3+ s?@3+ [ T [ i32 i64 i32@2+ s? ] ]"),
        new(34, 2, 2, "[ s [ T i32* ] ]"),
        new(35, 4, 2, "[ T i32* ]?"),
        new(37, 3, 2, "[ T i32 [ i32* ]? ] i32 i8"),
        new(43, 2, 2, "i8@1+ [ T i32* ]? i32"),
        new(45, 0, 0, "i32 [ T [ i32 i32*? ] ]"),
        new(46, 0, 0, "i32 [ T i32* ]?"),
        new(47, 0, NeverFlexible, "s [ T [ i32 ] ]"),
        new(61, 0, 0, "[ T i32* ]"),
        new(68, 1, 0, "s s i32 s? s? i32 T*? s?@1+ s? [ i128 i32* ]?"),
        new(71, 0, 0, "i128"),
        new(72, 0, 0, "i128 i32 i8 i8 b"),
        new(75, 0, 0, "[ T ] i32 { T i32 }"),
        new(76, 1, 0, "s s i32 s? T*?"),
        new(78, 2, 0, "s? s? i32 i32 i32 i32 i32@1+ i32@1+ i8@2+ i8@2+ [ I [ i32 i32@0 [ i64 i64 i8* ] ] ] [ i128 i32* ]"),
        new(79, 2, 0, "s? s? i32 i8@2+ [ I [ i32 [ i64 i64 i8* ] ] ]"));

    private const short NeverFlexible = short.MaxValue;

    /// <summary>Finds the layout of a request; null if the key or this version of it is not in the table.</summary>
    public static KafkaLayout? Find(short apiKey, short apiVersion) =>
        (uint)apiKey < (uint)Entries.Length && Entries[apiKey] is { } entry && (uint)apiVersion < (uint)entry.Layouts.Length
            ? entry.Layouts[apiVersion] ??= KafkaLayoutCompiler.Compile(entry.Notation, apiVersion, apiVersion >= entry.FlexibleFrom)
            : null;

    /// <summary>Keys and highest versions in the table.</summary>
    public static IEnumerable<(short ApiKey, short MaxVersion)> All =>
        Entries.OfType<Entry>().Select(entry => (entry.ApiKey, (short)(entry.Layouts.Length - 1)));

    private static Entry?[] Build(params ReadOnlySpan<Entry> entries)
    {
        var byKey = new Entry?[entries[^1].ApiKey + 1];
        foreach (var entry in entries)
        {
            byKey[entry.ApiKey] = entry;
        }

        return byKey;
    }

    private sealed class Entry(short apiKey, short maxVersion, short flexibleFrom, string notation)
    {
        public short ApiKey { get; } = apiKey;

        public short FlexibleFrom { get; } = flexibleFrom;

        public string Notation { get; } = notation;

        // two threads may compile the same version; both results are equal and either may stay
        public KafkaLayout?[] Layouts { get; } = new KafkaLayout?[maxVersion + 1];
    }
}
