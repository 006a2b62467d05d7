namespace PolicyProxy.Policy.Re2;

/// <summary>Matches an input thread by thread, without caching states: at worst input length times program length. Not thread-safe.</summary>
internal sealed class Re2ThreadRun(Re2Program program)
{
    private readonly Re2Simulation _simulation = new(program);
    private readonly List<int> _owners = [];
    private ThreadSet _threads = new();
    private ThreadSet _next = new();

    /// <summary>Ascending indexes of all patterns that match the whole input; newly allocated unless one owner matches or none.</summary>
    public int[] Match(ReadOnlySpan<byte> utf8)
    {
        var context = Re2Context.AtBegin;
        _simulation.Start(_threads);
        foreach (var value in utf8)
        {
            _simulation.Advance(_threads.Items, context, value, _next);
            (_threads, _next) = (_next, _threads);
            context = Re2Simulation.ContextAfter(value);
            if (_threads.Count == 0)
            {
                return [];
            }
        }

        _owners.Clear();
        _simulation.AddMatches(_threads.Items, context, _owners);
        return program.PatternsOf(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_owners));
    }

    /// <summary>Keeps one run for the next input. Thread-safe: a second thread at the same time gets a run of its own.</summary>
    internal sealed class Pool(Re2Program program)
    {
        private Re2ThreadRun? _spare;

        /// <summary>As <see cref="Re2ThreadRun.Match"/>.</summary>
        public int[] Match(ReadOnlySpan<byte> utf8)
        {
            var run = Interlocked.Exchange(ref _spare, null) ?? new Re2ThreadRun(program);
            var patterns = run.Match(utf8);
            Volatile.Write(ref _spare, run);
            return patterns;
        }
    }
}
