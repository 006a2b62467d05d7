using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Persistence;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>
/// Keeps learned names in a file over restarts: read before anything listens, written soon after something was learned, and at the end. What another
/// process writes there meanwhile, the one before this or the next one, is taken in. A file that cannot be used costs a warning. Thread-safe.
/// </summary>
/// <param name="path">The file.</param>
/// <param name="identities">Who learns.</param>
/// <param name="time">Clock of what is learned.</param>
/// <param name="logger">Told what cannot be read or written.</param>
internal sealed class KeptNames(string path, IdentityTable identities, TimeProvider time, ILogger logger) : IAsyncDisposable
{
    /// <summary>How soon a change is noticed, here or in the file: 50 milliseconds.</summary>
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    /// <summary>Shortest time between two writings: a second. A crash loses no more, and clients of those names only ask again.</summary>
    private static readonly TimeSpan s_pause = TimeSpan.FromSeconds(1);

    /// <summary>A writing is followed by a pause of at least so many times its length: large tables are written less often.</summary>
    private const int PauseFactor = 20;

    private readonly Lock _file = new();
    private readonly CancellationTokenSource _ending = new();
    private Task _following = Task.CompletedTask;
    private (DateTime, long) _seen;
    private long _written;
    private bool _isFailing;

    /// <summary>Takes in what the file says; returns why nothing, or empty.</summary>
    public string Read()
    {
        lock (_file)
        {
            _seen = Stamp();
            var now = time.GetUtcNow();
            var reading = FqdnFile.Read(path, now);
            identities.Learn(reading.Names, now);
            if (reading.Warning.Length > 0)
            {
                Log.NamesNotRead(logger, reading.Warning);
            }

            return reading.Warning;
        }
    }

    /// <summary>Writes from now on; until then the file is the process' before.</summary>
    public void Start() => _following = Task.Run(FollowAsync);

    /// <summary>Writes now what has not been written yet; false if there is nothing.</summary>
    public bool Write()
    {
        lock (_file)
        {
            TakeIn(); // nothing that another process has written is lost
            var revision = identities.LearnedRevision;
            if (revision == _written)
            {
                return false;
            }

            try
            {
                _ = Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(path))!);
                FqdnFile.Write(path, identities.ExportNames(), time.GetUtcNow());
                _seen = Stamp();
                _written = revision;
                _isFailing = false;
            }
            catch (Exception error) when (error is IOException or UnauthorizedAccessException)
            {
                if (!_isFailing)
                {
                    Log.NamesNotWritten(logger, path, error);
                }

                _isFailing = true;
            }

            return true;
        }
    }

    /// <summary>Writes for the last time.</summary>
    public async ValueTask DisposeAsync()
    {
        if (_ending.IsCancellationRequested)
        {
            return;
        }

        await _ending.CancelAsync().ConfigureAwait(false);
        await _following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (_following != Task.CompletedTask)
        {
            _ = Write();
        }

        _ending.Dispose();
    }

    private async Task FollowAsync()
    {
        using var timer = new PeriodicTimer(s_look);
        var clock = TimeProvider.System;
        var (end, pause) = (clock.GetTimestamp(), TimeSpan.Zero);
        while (await timer.WaitForNextTickAsync(_ending.Token).ConfigureAwait(false))
        {
            lock (_file)
            {
                TakeIn();
            }

            var start = clock.GetTimestamp();
            if (clock.GetElapsedTime(end, start) >= pause && Write())
            {
                end = clock.GetTimestamp();
                pause = clock.GetElapsedTime(start, end) * PauseFactor;
                pause = pause > s_pause ? pause : s_pause;
            }
        }
    }

    private void TakeIn()
    {
        if (Stamp() is var stamp && stamp != _seen && stamp != default)
        {
            _ = Read();
        }
    }

    private (DateTime, long) Stamp() => new FileInfo(path) is { Exists: true } file ? (file.LastWriteTimeUtc, file.Length) : default;
}
