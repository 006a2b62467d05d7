using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Policy.Persistence;

/// <summary>What a <see cref="FqdnFile"/> holds.</summary>
/// <param name="Names">The pairs that still stand.</param>
/// <param name="Warning">Why nothing, or not everything, could be read, a sentence for a log; empty if there is nothing to say.</param>
internal sealed record FqdnFileReading(IReadOnlyList<LearnedName> Names, string Warning);

/// <summary>
/// Learned names over a restart, in one file. A writer that dies, or one of several at a time, leaves a whole file: the old one or a new one.
/// A file that is damaged, too large, of another version or writable for others counts as none; reading never throws for it.
/// </summary>
internal static class FqdnFile
{
    /// <summary>Largest file that is read, in bytes: as many entries as a table keeps, with names of ordinary length.</summary>
    public const int MaxBytes = 16 << 20;

    private const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
    private const UnixFileMode OthersWrite = UnixFileMode.GroupWrite | UnixFileMode.OtherWrite;
    private static readonly TimeSpan s_abandoned = TimeSpan.FromHours(1);

    /// <summary>Replaces the file: 1. everything goes to a new file beside it, 2. to the disk, 3. under its name.</summary>
    /// <param name="path">The file; its folder exists.</param>
    /// <param name="names">What to keep. If it does not fit, what ends soonest is left out.</param>
    /// <param name="now">Now.</param>
    /// <exception cref="IOException">The disk does not take it; the file before is still there.</exception>
    /// <exception cref="UnauthorizedAccessException">The folder does not take it; the file before is still there.</exception>
    public static void Write(string path, IReadOnlyList<LearnedName> names, DateTimeOffset now)
    {
        var content = FqdnFileFormat.Write(names, MaxBytes);
        var folder = Path.GetDirectoryName(Path.GetFullPath(path))!;
        RemoveAbandoned(folder, Path.GetFileName(path), now);
        var temporary = Path.Combine(folder, $"{Path.GetFileName(path)}.{Guid.NewGuid():N}.tmp");
        var options = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Share = FileShare.None };
        if (!OperatingSystem.IsWindows())
        {
            options.UnixCreateMode = OwnerOnly;
        }

        try
        {
            using (var file = new FileStream(temporary, options))
            {
                file.Write(content);
                file.Flush(flushToDisk: true);
            }

            File.Move(temporary, path, overwrite: true);
        }
        catch
        {
            File.Delete(temporary);
            throw;
        }
    }

    /// <summary>Reads the file; one that does not exist is empty without a warning.</summary>
    public static FqdnFileReading Read(string path, DateTimeOffset now)
    {
        try
        {
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete);
            if (!OperatingSystem.IsWindows() && (File.GetUnixFileMode(file.SafeFileHandle) & OthersWrite) != 0)
            {
                return Nothing(path, "others than its owner may write it; chmod go-w");
            }

            if (file.Length > MaxBytes)
            {
                return Nothing(path, $"it is larger than {MaxBytes} bytes");
            }

            var content = new byte[file.Length];
            file.ReadExactly(content);
            return FqdnFileFormat.TryRead(content, out var names, out var fault)
                ? new FqdnFileReading([.. names.Where(name => name.Expires > now)], string.Empty)
                : Nothing(path, fault);
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return new FqdnFileReading([], string.Empty);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return Nothing(path, error.Message);
        }
    }

    private static FqdnFileReading Nothing(string path, string fault) =>
        new([], $"the learned names in {path} are not used, {fault}; they will be learned again from the next answers");

    // What writers that died have left. One that is still at work has touched its file a moment ago.
    private static void RemoveAbandoned(string folder, string name, DateTimeOffset now)
    {
        foreach (var file in Directory.EnumerateFiles(folder, $"{name}.*.tmp"))
        {
            if (now.UtcDateTime - File.GetLastWriteTimeUtc(file) > s_abandoned)
            {
                File.Delete(file);
            }
        }
    }
}
