namespace PolicyProxy.Soak.Traffic;

/// <summary>Numbers for the exchanges of one run. Thread-safe.</summary>
internal sealed class ExchangeIds
{
    private long _last;

    /// <summary>A number nobody has had. Neighbours differ in most digits, so that a piece of one tag is no piece of another.</summary>
    public long Next() => unchecked((long)((ulong)Interlocked.Increment(ref _last) * 0x9E37_79B9_7F4A_7C15));
}
