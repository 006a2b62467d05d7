using System.Buffers.Binary;
using System.Net;
using System.Security.Cryptography;
using PolicyProxy.Policy.Identities.Learning;
using PolicyProxy.Policy.Persistence;

namespace PolicyProxy.Tests.Persistence;

public sealed class FqdnFileTests : IDisposable
{
    private static readonly DateTimeOffset s_now = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private readonly string _folder = Directory.CreateTempSubdirectory("fqdn-").FullName;

    private string FilePath => Path.Combine(_folder, "names");

    [Fact]
    public void File_gives_back_what_was_written_without_what_is_over()
    {
        FqdnFile.Write(FilePath, Names(100), s_now);
        var reading = FqdnFile.Read(FilePath, s_now.AddSeconds(40));
        Assert.Empty(reading.Warning);
        Assert.Equal(Names(100).Where(n => n.Expires > s_now.AddSeconds(40)).Order(ByName), reading.Names.Order(ByName));
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void File_that_does_not_exist_is_empty_without_a_warning()
    {
        Assert.Equal((0, ""), Counted(FqdnFile.Read(FilePath, s_now)));
        Assert.Equal((0, ""), Counted(FqdnFile.Read(Path.Combine(_folder, "none", "names"), s_now)));
    }

    [Fact]
    public void File_cut_off_anywhere_counts_as_none()
    {
        FqdnFile.Write(FilePath, Names(3), s_now);
        var whole = File.ReadAllBytes(FilePath);
        for (var length = 0; length < whole.Length; length++)
        {
            File.WriteAllBytes(FilePath, whole[..length]);
            IsRefused();
        }
    }

    [Fact]
    public void File_with_any_byte_changed_counts_as_none()
    {
        FqdnFile.Write(FilePath, Names(3), s_now);
        var whole = File.ReadAllBytes(FilePath);
        for (var at = 0; at < whole.Length; at++)
        {
            var damaged = (byte[])whole.Clone();
            damaged[at] ^= 0x41;
            File.WriteAllBytes(FilePath, damaged);
            IsRefused();
        }
    }

    [Fact]
    public void Format_with_any_byte_changed_under_a_right_checksum_never_throws()
    {
        var whole = FqdnFileFormat.Write(Names(3), FqdnFile.MaxBytes);
        for (var at = 0; at < whole.Length - SHA256.HashSizeInBytes; at++)
        {
            foreach (var flip in (byte[])[0x01, 0x80, 0xff])
            {
                var damaged = (byte[])whole.Clone();
                damaged[at] ^= flip;
                SHA256.HashData(damaged.AsSpan(..^SHA256.HashSizeInBytes), damaged.AsSpan(^SHA256.HashSizeInBytes..));
                var isRead = FqdnFileFormat.TryRead(damaged, out var names, out var fault);
                Assert.Equal(isRead, fault.Length == 0);
                Assert.True(isRead ? names.Count == 3 : names.Count == 0);
            }
        }
    }

    [Fact]
    public void File_of_another_version_says_so()
    {
        FqdnFile.Write(FilePath, Names(3), s_now);
        var content = File.ReadAllBytes(FilePath);
        BinaryPrimitives.WriteUInt16BigEndian(content.AsSpan(6), 2);
        File.WriteAllBytes(FilePath, content);
        Assert.Contains("version 2", FqdnFile.Read(FilePath, s_now).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void File_that_others_may_write_is_not_trusted()
    {
        if (OperatingSystem.IsWindows())
        {
            return; // no such modes there
        }

        FqdnFile.Write(FilePath, Names(3), s_now);
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(FilePath));
        File.SetUnixFileMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherWrite);
        Assert.Contains("chmod", FqdnFile.Read(FilePath, s_now).Warning, StringComparison.Ordinal);
    }

    [Fact]
    public void File_beyond_its_bound_leaves_out_what_ends_soonest()
    {
        var content = FqdnFileFormat.Write(Names(100), 1_000);
        Assert.InRange(content.Length, 900, 1_000);
        Assert.True(FqdnFileFormat.TryRead(content, out var kept, out _));
        Assert.Equal(Names(100).OrderByDescending(n => n.Expires).Take(kept.Count).Order(ByName), kept.Order(ByName));
        using (var file = File.Create(FilePath))
        {
            file.SetLength(FqdnFile.MaxBytes + 1L);
        }

        IsRefused();
    }

    [Fact]
    public async Task File_of_many_writers_is_always_one_of_theirs()
    {
        FqdnFile.Write(FilePath, Names(1), s_now);
        var writers = Task.WhenAll(Enumerable.Range(1, 4).Select(writer => Task.Run(() =>
        {
            for (var i = 0; i < 50; i++)
            {
                FqdnFile.Write(FilePath, Names(writer * 100), s_now);
            }
        })));
        var readings = 0;
        do
        {
            var (count, warning) = Counted(FqdnFile.Read(FilePath, s_now));
            Assert.Empty(warning);
            Assert.Contains(count, (int[])[1, 100, 200, 300, 400]);
            readings++;
        }
        while (!writers.IsCompleted);
        await writers;
        Assert.True(readings > 1);
        Assert.Equal([FilePath], Directory.GetFiles(_folder));
    }

    [Fact]
    public void Write_removes_what_a_writer_that_died_has_left_and_nothing_of_one_at_work()
    {
        var (abandoned, busy) = (FilePath + ".a.tmp", FilePath + ".b.tmp");
        File.WriteAllText(abandoned, "half");
        File.WriteAllText(busy, "half");
        File.SetLastWriteTimeUtc(abandoned, s_now.UtcDateTime.AddHours(-2));
        File.SetLastWriteTimeUtc(busy, s_now.UtcDateTime);
        FqdnFile.Write(FilePath, Names(1), s_now);
        Assert.Equal([FilePath, busy], Directory.GetFiles(_folder).Order(StringComparer.Ordinal));
    }

    [Fact]
    public void Write_into_a_folder_that_is_missing_throws_and_leaves_nothing()
    {
        Assert.Throws<DirectoryNotFoundException>(() => FqdnFile.Write(Path.Combine(_folder, "none", "names"), Names(1), s_now));
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static IComparer<LearnedName> ByName => Comparer<LearnedName>.Create(static (x, y) => string.CompareOrdinal(x.Name, y.Name));

    private static (int, string) Counted(FqdnFileReading reading) => (reading.Names.Count, reading.Warning);

    private static LearnedName[] Names(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new LearnedName($"n{i}.example", FqdnAddress.Of(IPAddress.Parse($"2001:db8::{i:x}"), 0).Key, s_now.AddSeconds(i)))];

    private void IsRefused()
    {
        var (count, warning) = Counted(FqdnFile.Read(FilePath, s_now));
        Assert.Equal(0, count);
        Assert.Contains("not used", warning, StringComparison.Ordinal);
    }
}
