using System.Collections.Concurrent;
using System.Diagnostics;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>A process under policy, and what it says line by line. Disposing ends it.</summary>
internal sealed class Workload : IDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly BlockingCollection<string> _lines = [];
    private readonly ConcurrentQueue<string> _seen = new();
    private readonly Process _process;

    public Workload(Process process)
    {
        _process = process;
        process.OutputDataReceived += (_, line) => Add(line.Data);
        process.ErrorDataReceived += (_, line) => _seen.Enqueue(line.Data ?? string.Empty);
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
    }

    /// <summary>Forgets what was said so far.</summary>
    public void Skip()
    {
        while (_lines.TryTake(out _))
        {
            // from before
        }
    }

    /// <summary>The next line.</summary>
    public string Next() => _lines.TryTake(out var line, s_limit) ? line : throw new TimeoutException("nothing more was said; before: " + Tail());

    /// <summary>Waits for a line like this one.</summary>
    public string Until(Predicate<string> isIt)
    {
        var since = Stopwatch.GetTimestamp();
        while (Stopwatch.GetElapsedTime(since) < s_limit)
        {
            if (Next() is var line && isIt(line))
            {
                return line;
            }
        }

        throw new TimeoutException("not said in time; but: " + Tail());
    }

    /// <summary>Takes lines until this has been said on stderr; gives them.</summary>
    public IReadOnlyList<string> UntilError(string text)
    {
        var lines = new List<string>();
        for (var since = Stopwatch.GetTimestamp(); !_seen.Any(line => line.Contains(text, StringComparison.Ordinal));)
        {
            lines.Add(Stopwatch.GetElapsedTime(since) < s_limit ? Next() : throw new TimeoutException($"\"{text}\" was not said in time; but: {Tail()}"));
        }

        return lines;
    }

    /// <summary>Everything on stdout until the end, trimmed.</summary>
    public async Task<string> ReadToEndAsync()
    {
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return string.Join('\n', _lines.GetConsumingEnumerable()) is { Length: > 0 } text ? text.Trim() : "nothing; " + Tail();
    }

    public void Dispose()
    {
        _process.Kill(entireProcessTree: true);
        _process.WaitForExit();
        _process.Dispose();
        _lines.Dispose();
    }

    private string Tail() => string.Join('\n', _seen.TakeLast(20));

    private void Add(string? line)
    {
        if (line is null)
        {
            _lines.CompleteAdding();
            return;
        }

        _seen.Enqueue(line);
        _lines.Add(line);
    }
}
