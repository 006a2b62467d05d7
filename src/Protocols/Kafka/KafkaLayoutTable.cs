using static PolicyProxy.Protocols.Kafka.KafkaLayoutEntry;

namespace PolicyProxy.Protocols.Kafka;

/// <summary>
/// The layouts of the requests clients send, as facts: order, type and version range of each field. Those that only brokers and
/// controllers send to each other are left out on purpose. Compiled per version on first use. Thread-safe.
/// <para>
/// Notation. <c>i8 i16 i32 i64 i128</c> fixed size; <c>s</c> string; <c>b</c> bytes or records; <c>T</c> topic name; <c>I</c> topic id;
/// <c>P</c> topic pattern; <c>G</c> group; <c>X</c> transactional id; <c>r R</c> type and name of a configuration resource; <c>k K</c> type
/// and key of a coordinator; <c>c m</c> type of a group's protocols and metadata of a member; <c>p</c> partition; <c>e</c> error code.
/// <c>~</c> the other half follows. <c>x*</c> array of x; <c>[ … ]</c> array of structs, <c>[# … ]</c> one that is
/// answered element by element; <c>{ … }</c> optional struct; <c>( … )</c> struct. <c>?</c> nullable. <c>@2</c>, <c>@2-4</c>, <c>@2+</c> versions that have the field; <c>?2+</c> versions in which it is nullable.
/// <c>.name</c> a number that is kept; <c>#replica</c> the replica state among the tags; <c>=n</c> what an error response says instead of 0.
/// A topic that a request only gives up (Fetch's forgotten topics) or continues at (the cursor of DescribeTopicPartitions) is written
/// <c>s</c> or <c>i128</c>: it asks for no access.
/// </para>
/// </summary>
internal static class KafkaLayoutTable
{
    private static readonly KafkaLayoutSet Layouts = new(
        new(0, 13, 9, "X?@3+ i16.acks i32 [ T@0-12 I@13 [ p b? ] ]"),
        new(1, 18, 12, "i32.replica@0-14 i32.wait i32 i32@3+ i8@4+ i32.session@7+ i32.epoch@7+ [ T@0-12 I@13+ [ p i32@9+ i64 "
            + "i32@12+ i64@5+ i32 ] ] [ s@7-12 i128@13+ i32* ]@7+ s@11+ #replica@15+"),
        new(2, 11, 6, "i32.replica i8@2+ [ T [ p i32@4+ i64 i32@0 ] ] i32@10+"),
        new(3, 13, 9, "[ I~@10+ T?10+ ]?1+ i8.create@4+ i8@8-10 i8@8+"),
        new(8, 10, 8, "G i32@1+ s@1+ s?@7+ i64@2-4 [ T@0-9 I@10 [ p i64 i32@6+ i64@1 s? ] ]"),
        new(9, 10, 6, "G@0-7 [ T p* ]?2+@0-7 [ G s?@9+ i32@9+ [ T@8-9 I@10 p* ]? ]@8+ i8@7+"),
        new(10, 6, 3, "G@0 K~@1-3 k@1-3 k~@4+ K*@4+"),
        new(11, 9, 6, "G i32 i32@1+ s s?@5+ c [ s m ] s?@8+"),
        new(12, 4, 4, "G i32 s s?@3+"),
        new(13, 5, 4, "G s@0-2 [ s s?@3+ s?@5+ ]@3+"),
        new(14, 5, 4, "G i32 s s?@3+ s?@5+ s?@5+ [ s b ]"),
        new(15, 6, 5, "G* i8@3+"),
        new(16, 5, 3, "s*@4+ s*@5+"),
        new(17, 1, NeverFlexible, "s"),
        new(18, 4, 3, "s@3+ s@3+"),
        new(19, 7, 5, "[ T i32 i16 [ i32 i32* ] [ s s? ] ] i32 i8@1+"),
        new(20, 6, 4, "[ T~? I ]@6 T*@0-5 i32"),
        new(21, 2, 2, "[ T [ p i64 ] ] i32"),
        new(22, 6, 2, "X? i32 i64@3+ i16@3+ i8@6 i8@6"),
        new(23, 4, 4, "i32.replica@3+ [ T [ p i32@2+ i32 ] ]"),
        new(24, 5, 3, "[ X i64 i16 i8 [ T p* ] ]@4+ X@0-3 i64@0-3 i16@0-3 [ T p* ]@0-3"),
        new(25, 4, 3, "X i64 i16 G"),
        new(26, 5, 3, "X i64 i16 i8"),
        new(28, 5, 3, "X G i64 i16 i32@3+ s@3+ s?@3+ [ T [ p i64 i32@2+ s? ] ]"),
        new(29, 3, 2, "i8 s? i8@1+ s? s? i8 i8"),
        new(30, 3, 2, "[# i8 s i8@1+ s s i8 i8 ]"),
        new(31, 3, 2, "[# i8 s? i8@1+ s? s? i8 i8 ]"),
        new(32, 4, 4, "[ r R s*? ] i8@1+ i8@3+"),
        new(33, 2, 2, "[ r R [ s s? ] ] i8"),
        new(34, 2, 2, "[ s [ T p* ] ]"),
        new(35, 4, 2, "[ T p* ]?"),
        new(36, 2, 2, "b"),
        new(37, 3, 2, "[ T i32 [ i32* ]? ] i32 i8"),
        new(38, 3, 2, "s?@3+ s?@3+ [ s s ] i64"),
        new(39, 2, 2, "b i64"),
        new(40, 2, 2, "b i64"),
        new(41, 3, 2, "[ s s ]?"),
        new(42, 2, 2, "G*"),
        new(43, 2, 2, "i8@1+ [ T p* ]? i32"),
        new(44, 1, 1, "[ r R [ s i8 s? ] ] i8"),
        new(45, 1, 0, "i32 i8@1+ [ T [ p i32*? ] ]"),
        new(46, 0, 0, "i32 [ T p* ]?"),
        new(47, 0, NeverFlexible, "G [ T [ p ] ]"),
        new(48, 1, 1, "[ s i8 s? ] i8"),
        new(49, 1, 1, "[ [ s s? ] [ s i64 i8 ] ] i8"),
        new(50, 0, 0, "[ s ]?"),
        new(51, 0, 0, "[ s i8 ] [ s i8 i32 b b ]"),
        new(55, 2, 0, "[ T [ p ] ]"),
        new(57, 2, 0, "i32 [ s i16 i8@0 i8@1+ ] i8@1+"),
        new(60, 2, 0, "i8 i8@1+ i8@2"),
        new(61, 0, 0, "[ T p* ]"),
        new(65, 0, 0, "X*"),
        new(66, 2, 0, "s* i64* i64@1+ s?@2"),
        new(68, 1, 0, "G s i32 s? s? i32 T*? P?@1+ s? [ i128 i32* ]?"),
        new(69, 1, 0, "G* i8"),
        new(71, 0, 0, "i128"),
        new(72, 0, 0, "i128 i32 i8 i8 b"),
        new(74, 1, 0, "i8*@1"),
        new(75, 0, 0, "[ T ] i32 { s i32 }"),
        new(76, 1, 0, "G s i32 s? T*?"),
        new(77, 1, 0, "G* i8"),
        new(78, 2, 0, "G? s? i32.epoch i32.wait i32 i32 i32@1+ i32@1+ i8@2 i8@2 [ I [ p i32@0 [ i64 i64 i8* ] ] ] [ i128 i32* ]"),
        new(79, 2, 0, "G? s? i32.epoch i8@2 [ I [ p [ i64 i64 i8* ] ] ]"),
        new(88, 0, 0, "G s i32 i32 s? s? i32 { i32 [ s T* P* [ T i32 i16 [ s s ] ] T* [ T i32 i16 [ s s ] ] [ i16* i16* i16* ] ] "
            + "} [ s i32* ]? [ s i32* ]? [ s i32* ]? s? { s i16 } [ s s ]? [ s i32 i64 ]? [ s i32 i64 ]? i8"),
        new(89, 0, 0, "G* i8"),
        new(90, 1, 0, "[ G [ T p* ]? ]"),
        new(91, 0, 0, "G [ T [ p i64 ] ]"),
        new(92, 0, 0, "G [ T ]"));

    /// <summary>Keys and highest versions in the table.</summary>
    public static IEnumerable<(short ApiKey, short MaxVersion)> All => Layouts.All;

    /// <summary>The highest version of a key in the table; -1 if it is not there.</summary>
    public static short MaxVersion(short apiKey) => Layouts.MaxVersion(apiKey);

    /// <summary>Finds the layout of a request; null if the key or this version of it is not in the table.</summary>
    public static KafkaLayout? Find(short apiKey, short apiVersion) => Layouts.Find(apiKey, apiVersion);
}
