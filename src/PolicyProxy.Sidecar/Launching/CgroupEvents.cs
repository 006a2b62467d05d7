using System.Diagnostics;
using PolicyProxy.Sidecar.Relay.Sockets;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Waits for what the kernel tells of a cgroup in <c>cgroup.events</c> (cgroup v2, "populated").</summary>
internal static class CgroupEvents
{
    /// <summary>Completes when no process is in the cgroup or below, when it is gone, or after the limit. Ask again for what became of it.</summary>
    /// <param name="directory">Directory of the cgroup.</param>
    /// <param name="limit">Longest wait.</param>
    public static Task WaitUntilEmptyAsync(string directory, TimeSpan limit) => Task.Run(() => Wait(Path.Combine(directory, "cgroup.events"), limit));

    private static unsafe void Wait(string file, TimeSpan limit)
    {
        var since = Stopwatch.GetTimestamp();
        try
        {
            using var events = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, bufferSize: 0);
            Span<byte> text = stackalloc byte[256];
            while (true)
            {
                // A change after this reading ends the poll below at once.
                events.Position = 0;
                var left = limit - Stopwatch.GetElapsedTime(since);
                if (left <= TimeSpan.Zero || text[..events.Read(text)].IndexOf("populated 1"u8) < 0)
                {
                    return;
                }

                var entry = new Libc.PollEntry { Descriptor = (int)events.SafeFileHandle.DangerousGetHandle(), Events = Libc.POLLPRI };
                _ = Libc.poll(&entry, 1, (int)left.TotalMilliseconds + 1);
            }
        }
        catch (IOException)
        {
            // removed meanwhile
        }
    }
}
