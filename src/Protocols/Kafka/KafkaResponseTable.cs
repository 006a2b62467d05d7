using static PolicyProxy.Protocols.Kafka.KafkaLayoutEntry;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The layouts of the responses, in the notation of <see cref="KafkaLayoutTable"/>, for the same keys and versions. An array that holds names
/// or partitions answers the array of the request at the same depth. <c>!top</c>: no error per element, only one for all; <c>!none</c>: an
/// error cannot be answered from the request alone. Compiled per version on first use. Thread-safe.
/// </summary>
internal static class KafkaResponseTable
{
    private static readonly KafkaLayoutSet Layouts = new(
        new(0, 13, 9, "[ T@0-12 I@13 [ p e i64=-1 i64=-1@2+ i64=-1@5+ [ i32 s? ]@8+ s?@8+ ] ] i32@1+"),
        new(1, 18, 12, "i32@1+ e@7+ i32@7+ [ T@0-12 I@13+ [ p e i64=-1 i64=-1@4+ i64=-1@5+ [ i64 i64 ]?@4+ i32=-1@11+ b? ] ]"),
        new(2, 11, 6, "i32@2+ [ T [ p e i64*@0 i64=-1@1+ i64=-1@1+ i32=-1@4+ ] ]"),
        new(3, 13, 9, "i32@3+ [ i32 s i32 s?@1+ ] s?@2+ i32=-1@1+ [ e T@0-9 T~?12+@10+ I@10+ i8@1+ [ i16 i32 i32 i32=-1@7+ i32* "
            + "i32* i32*@5+ ] i32=-2147483648@8+ ] i32=-2147483648@8-10 e@13"),
        new(8, 10, 8, "i32@3+ [ T@0-9 I@10 [ p e ] ]"),
        new(9, 10, 6, "i32@3+ [ T [ p i64=-1 i32=-1@5+ s?=\"\" e ] ]@0-7 e@2-7 [ G [ T@8-9 I@10 [ p i64=-1 i32=-1 s?=\"\" e ] ] e "
            + "]@8+"),
        new(10, 6, 3, "i32@1+ e@0-3 s?@1-3 i32=-1@0-3 s@0-3 i32=-1@0-3 [ K i32=-1 s i32=-1 e s? ]@4+"),
        new(11, 9, 6, "i32@2+ e i32=-1 s?@7+ s?7+ s i8@9+ s [ s s?@5+ b ]"),
        new(12, 4, 4, "i32@1+ e"),
        new(13, 5, 4, "i32@1+ e [ s s? e ]@3+"),
        new(14, 5, 4, "i32@1+ e s?@5+ s?@5+ b"),
        new(15, 6, 5, "i32@1+ [ e s?@6 G s s s [ s s?@4+ s s b b ] i32=-2147483648@3+ ]"),
        new(16, 5, 3, "i32@1+ e [ G s s@4+ s@5+ ]"),
        new(17, 1, NeverFlexible, "e s*"),
        new(18, 4, 3, "e [# i16 i16 i16 ] i32@1+"),
        new(19, 7, 5, "i32@2+ [ T@0-6 T~@7+ I@7+ e s?@1+ i32=-1@5+ i16=-1@5+ [ s s? i8 i8 i8 ]?@5+ ]"),
        new(20, 6, 4, "i32@1+ [ T@0-5 T~?@6 I@6 e s?@5+ ]"),
        new(21, 2, 2, "i32 [ T [ p i64=-1 e ] ]"),
        new(22, 6, 2, "i32 e i64=-1 i16=-1 i64=-1@6 i16=-1@6"),
        new(23, 4, 4, "i32@2+ [ T [ e p i32=-1@1+ i64=-1 ] ]"),
        new(24, 5, 3, "i32 e@4+ [ X [ T [ p e ] ] ]@4+ [ T [ p e ] ]@0-3"),
        new(25, 4, 3, "i32 e"),
        new(26, 5, 3, "i32 e i64=-1@5+ i16=-1@5+"),
        new(28, 5, 3, "i32 [ T [ p e ] ]"),
        new(29, 3, 2, "i32 e s? [ i8 s i8=3@1+ [ s s i8 i8 ] ]"),
        new(30, 3, 2, "i32 [# e s? ]"),
        new(31, 3, 2, "i32 [# e s? [ e s? i8 s i8=3@1+ s s i8 i8 ] ]"),
        new(32, 4, 4, "i32 [ e s? r R [ s s? i8 i8@0 i8=-1@1+ i8 [ s s? i8 ]@1+ i8@3+ s?@3+ ] ]"),
        new(33, 2, 2, "i32 [ e s? r R ]"),
        new(34, 2, 2, "!none i32 [ T [ p e ] ]"),
        new(35, 4, 2, "!top i32 e@3+ [ e s [ T [ p i64 i64 i8 ] ] i64=-1@4+ i64=-1@4+ ]"),
        new(36, 2, 2, "e s? b i64@1+"),
        new(37, 3, 2, "i32 [ T e s? ]"),
        new(38, 3, 2, "e s s s@3+ s@3+ i64 i64 i64 s b i32"),
        new(39, 2, 2, "e i64 i32"),
        new(40, 2, 2, "e i64 i32"),
        new(41, 3, 2, "e [ s s s@3+ s@3+ i64 i64 i64 s b [ s s ] ] i32"),
        new(42, 2, 2, "i32 [ G e ]"),
        new(43, 2, 2, "i32 e@1+ [ T [ p e s? ] ]"),
        new(44, 1, 1, "i32 [ e s? r R ]"),
        new(45, 1, 0, "i32 i8@1+ e s? [ T [ p e s? ] ]"),
        new(46, 0, 0, "!top i32 e s? [ T [ p i32* i32* i32* ] ]"),
        new(47, 0, NeverFlexible, "e i32 [ T [ p e ] ]"),
        new(48, 1, 1, "i32 e s? [ [ s s? ] [ s i64 ] ]?"),
        new(49, 1, 1, "!none i32 [ e s? [ s s? ] ]"),
        new(50, 0, 0, "i32 e s? [ s e s? [ i8 i32 ] ]"),
        new(51, 0, 0, "!none i32 [ s e s? ]"),
        new(55, 2, 0, "e s?@2+ [ T [ p e s?@2+ i32 i32 i64 [ i32 i128@2+ i64 i64=-1@1+ i64=-1@1+ ] [ i32 i128@2+ i64 i64=-1@1+ "
            + "i64=-1@1+ ] ] ] [ i32 [ s s i16 ] ]@2+"),
        new(57, 2, 0, "i32 e s? [ s e s? ]@0-1"),
        new(60, 2, 0, "i32 e s? i8=1@1+ s i32=-1 [ i32 s i32 s? i8@2 ] i32=-2147483648"),
        new(61, 0, 0, "i32 [ T [ p e s? [ i64 i32 i32=-1 i64=-1 i32 i64=-1 ] ] ]"),
        new(65, 0, 0, "i32 [ e X s i32 i64=-1 i64=-1 i16=-1 [ T i32* ] ]"),
        new(66, 2, 0, "i32 e s* [ X i64 s ]"),
        new(68, 1, 0, "i32 e s? s? i32 i32 { [ i128 i32* ] }"),
        new(69, 1, 0, "i32 [ e s? G s i32 i32 s [ s s? s? i32 s s T* s? ( [ I~ T i32* ] ) ( [ I~ T i32* ] ) i8=-1@1 ] "
            + "i32=-2147483648 ]"),
        new(71, 0, 0, "i32 e i128 i32 i8* i32 i32 i8 s*"),
        new(72, 0, 0, "i32 e"),
        new(74, 1, 0, "i32 e [ s i8@1 ]"),
        new(75, 0, 0, "i32 [ e T~? I i8 [ i16 i32 i32 i32=-1 i32* i32* i32*? i32*? i32* ] i32=-2147483648 ] { s i32 }"),
        new(76, 1, 0, "i32 e s? s? i32 i32 { [ i128 i32* ] }"),
        new(77, 1, 0, "i32 [ e s? G s i32 i32 s [ s s? i32 s s T* ( [ I~ T i32* ] ) ] i32=-2147483648 ]"),
        new(78, 2, 0, "i32 e s? i32@1+ [ I [ p e s? i16 s? ( i32 i32 ) b? [ i64 i64 i16 ] ] ] [ i32 s i32 s? ]"),
        new(79, 2, 0, "i32 e s? i32@2 [ I [ p e s? ( i32 i32 ) ] ] [ i32 s i32 s? ]"),
        new(88, 0, 0, "i32 e s? s i32 i32 i32 i32 [ i8 s ]? [ s i32* ]? [ s i32* ]? [ s i32* ]? i32 [ ( s i16 ) [ s i32* ] [ s "
            + "i32* ] ]?"),
        new(89, 0, 0, "i32 [ e s? G s i32 i32 { i32 [ s T* T* [ T i32 i16 [ s s ] ] [ T i32 i16 [ s s ] ] ]? } [ s i32 s? s? s s "
            + "i32 s { s i16 } [ s s ] [ s i32 i64 ] [ s i32 i64 ] ( [ s i32* ] [ s i32* ] [ s i32* ] ) ( [ s i32* ] [ s "
            + "i32* ] [ s i32* ] ) i8 ] i32=-2147483648 ]"),
        new(90, 1, 0, "i32 [ G [ T~ I [ p i64=-1 i32=-1 i64=-1@1 e s? ] ] e s? ]"),
        new(91, 0, 0, "i32 e s? [ T~ I [ p e s? ] ]"),
        new(92, 0, 0, "i32 e s? [ T~ I e s? ]"));

    /// <summary>Keys and highest versions in the table.</summary>
    public static IEnumerable<(short ApiKey, short MaxVersion)> All => Layouts.All;

    /// <summary>Finds the layout of a response; null if the key or this version of it is not in the table.</summary>
    public static KafkaLayout? Find(short apiKey, short apiVersion) => Layouts.Find(apiKey, apiVersion);

    /// <summary>
    /// True if the response header ends with tagged fields. ApiVersions never has them: who asks does not know yet what the broker speaks.
    /// </summary>
    public static bool HasTaggedHeader(short apiKey, KafkaLayout layout) => layout.IsFlexible && apiKey != KafkaApi.ApiVersions;
}
