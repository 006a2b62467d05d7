using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PolicyProxy.Policy.Re2;

/// <summary>Many patterns matched at once, in time linear in the input and independent of their number once the automaton is warm.
/// Thread-safe. Matching reads without locks and allocates nothing when every state on the way is cached.</summary>
internal sealed class Re2Set
{
    private readonly LazyDfa _dfa;
    private readonly byte[] _classOf;
    private readonly Re2ThreadRun.Pool _threadRuns;

    private Re2Set(Re2Program program, Re2Limits limits)
    {
        _dfa = new LazyDfa(program, limits.MaxCacheBytes);
        _classOf = program.Classes.ClassOf;
        _threadRuns = new Re2ThreadRun.Pool(program);
        ProgramLength = program.Length;
    }

    /// <summary>Instructions after sharing, for tests and diagnostics.</summary>
    internal int ProgramLength { get; }

    /// <summary>How often the state cache has been filled anew, for tests; 0 when there is none.</summary>
    internal int CacheGeneration => _dfa.Generation;

    /// <summary>Compiles a set. Pattern <c>i</c> is reported as <c>i</c>; equal patterns and an empty list are fine.</summary>
    /// <exception cref="ArgumentException">The set is larger than <see cref="Re2Limits.MaxInstructions"/>. Use
    /// <see cref="TryCompile"/> for patterns that a user wrote.</exception>
    public static Re2Set Compile(IReadOnlyList<Re2Pattern> patterns, Re2Limits? limits = null) =>
        TryCompile(patterns, limits, out var set, out var tooLarge)
            ? set
            : throw new ArgumentException($"Pattern {tooLarge} makes the set too large.", nameof(patterns));

    /// <summary>Compiles a set, or returns false with the index of the pattern that made it larger than <see cref="Re2Limits.MaxInstructions"/>.</summary>
    public static bool TryCompile(IReadOnlyList<Re2Pattern> patterns, Re2Limits? limits, [NotNullWhen(true)] out Re2Set? set, out int tooLarge)
    {
        limits ??= Re2Limits.Default;
        set = Re2Compiler.TryCompile(patterns, limits.MaxInstructions, out var program, out tooLarge) ? new Re2Set(program, limits) : null;
        return set is not null;
    }

    /// <summary>Ascending indexes of all patterns that match the whole of <paramref name="input"/>. Text with a lone surrogate matches nothing.
    /// The span stays valid and unchanged for good.</summary>
    public ReadOnlySpan<int> Match(ReadOnlySpan<char> input)
    {
        if (!_dfa.TryBegin(out var cursor))
        {
            return MatchUncached(input);
        }

        var classOf = _classOf;
        var next = cursor.Table.Next;
        var state = cursor.State;
        for (var i = 0; i < input.Length; i++)
        {
            int c = input[i];
            if (c < 0x80)
            {
                var to = next[state + classOf[c]];
                if (to > 0)
                {
                    state = to;
                    continue;
                }
            }

            cursor.State = state;
            var step = StepCodePoint(ref cursor, input, ref i);
            if (step != DfaStep.Moved)
            {
                return step == DfaStep.NoMatch ? [] : MatchUncached(input);
            }

            state = cursor.State;
            next = cursor.Table.Next;
        }

        cursor.State = state;
        return _dfa.TryGetMatches(cursor, out var patterns) ? patterns : MatchUncached(input);
    }

    /// <summary>As <see cref="Match(ReadOnlySpan{char})"/>, for UTF-8. Malformed UTF-8 matches nothing.</summary>
    public ReadOnlySpan<int> Match(ReadOnlySpan<byte> utf8)
    {
        if (!_dfa.TryBegin(out var cursor))
        {
            return _threadRuns.Match(utf8);
        }

        var classOf = _classOf;
        var next = cursor.Table.Next;
        var state = cursor.State;
        foreach (var value in utf8)
        {
            var to = next[state + classOf[value]];
            if (to > 0)
            {
                state = to;
                continue;
            }

            cursor.State = state;
            var step = _dfa.Step(ref cursor, classOf[value], utf8.Length);
            if (step != DfaStep.Moved)
            {
                return step == DfaStep.NoMatch ? [] : _threadRuns.Match(utf8);
            }

            state = cursor.State;
            next = cursor.Table.Next;
        }

        cursor.State = state;
        return _dfa.TryGetMatches(cursor, out var patterns) ? patterns : _threadRuns.Match(utf8);
    }

    private DfaStep StepCodePoint(ref DfaCursor cursor, ReadOnlySpan<char> input, ref int index)
    {
        if (Rune.DecodeFromUtf16(input[index..], out var rune, out var consumed) != System.Buffers.OperationStatus.Done)
        {
            return DfaStep.NoMatch;
        }

        index += consumed - 1;
        Span<byte> bytes = stackalloc byte[4];
        foreach (var value in bytes[..rune.EncodeToUtf8(bytes)])
        {
            var step = _dfa.Step(ref cursor, _classOf[value], input.Length);
            if (step != DfaStep.Moved)
            {
                return step;
            }
        }

        return DfaStep.Moved;
    }

    private ReadOnlySpan<int> MatchUncached(ReadOnlySpan<char> input)
    {
        // Strict: a lone surrogate must not turn into a replacement character.
        var buffer = System.Buffers.ArrayPool<byte>.Shared.Rent(Encoding.UTF8.GetMaxByteCount(input.Length));
        try
        {
            var status = System.Text.Unicode.Utf8.FromUtf16(input, buffer, out _, out var written, replaceInvalidSequences: false);
            return status == System.Buffers.OperationStatus.Done ? _threadRuns.Match(buffer.AsSpan(0, written)) : [];
        }
        finally
        {
            System.Buffers.ArrayPool<byte>.Shared.Return(buffer);
        }
    }
}
