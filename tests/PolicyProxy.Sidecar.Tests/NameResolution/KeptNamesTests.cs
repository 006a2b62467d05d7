using System.Net;
using Microsoft.Extensions.Logging.Abstractions;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Persistence;
using PolicyProxy.Sidecar.NameResolution;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

public sealed class KeptNamesTests : IDisposable
{
    private static readonly IPAddress s_address = IPAddress.Parse("192.0.2.1");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly IdentityTable _first = new("default");
    private readonly IdentityTable _next = new("default");

    private string File => Path.Combine(_folder.FullName, "names");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task KeptNames_next_process_knows_what_was_learned()
    {
        await using (var names = Names(_first))
        {
            Assert.Empty(names.Read());
            names.Start();
            _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));
        }

        await using var kept = Names(_next);
        Assert.Empty(kept.Read());

        Assert.Equal(1, _next.LearnedCount);
    }

    [Fact]
    public async Task KeptNames_prolonged_name_is_written_again()
    {
        await using var names = Names(_first);
        names.Start();
        _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));
        AwaitFile(static end => end > DateTimeOffset.UtcNow);

        var later = DateTimeOffset.UtcNow.AddMinutes(50);
        _first.Learn("a.test", s_address, later);

        AwaitFile(end => end == later);
    }

    [Fact]
    public async Task KeptNames_what_the_other_process_writes_is_taken_in()
    {
        await using var next = Names(_next);
        next.Start();
        await using (var first = Names(_first))
        {
            first.Start();
            _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));
        }

        Assert.True(SpinWait.SpinUntil(() => _next.LearnedCount == 1, TimeSpan.FromSeconds(30)));
    }

    [Fact]
    public async Task KeptNames_start_that_failed_leaves_the_file_alone()
    {
        _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));

        await Names(_first).DisposeAsync();

        Assert.False(System.IO.File.Exists(File));
    }

    [Fact]
    public async Task KeptNames_damaged_file_is_a_warning_and_is_replaced()
    {
        await System.IO.File.WriteAllTextAsync(File, "PPFQDN and then nothing that makes sense, long enough for a checksum");
        await using (var names = Names(_first))
        {
            Assert.Contains("will be learned again", names.Read(), StringComparison.Ordinal);
            names.Start();
            _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));
        }

        Assert.Single(FqdnFile.Read(File, DateTimeOffset.UtcNow).Names);
    }

    [Fact]
    public async Task KeptNames_folder_that_cannot_be_made_stops_nothing()
    {
        await System.IO.File.WriteAllTextAsync(File, string.Empty);
        await using var names = new KeptNames(Path.Combine(File, "below", "names"), _first, TimeProvider.System, NullLogger.Instance);
        names.Start();
        _first.Learn("a.test", s_address, DateTimeOffset.UtcNow.AddMinutes(5));

        Assert.True(names.Write());
        Assert.Equal(1, _first.LearnedCount);
    }

    private KeptNames Names(IdentityTable identities) => new(File, identities, TimeProvider.System, NullLogger.Instance);

    private void AwaitFile(Func<DateTimeOffset, bool> expected) => Assert.True(SpinWait.SpinUntil(
        () => FqdnFile.Read(File, DateTimeOffset.UtcNow).Names is [var name] && expected(name.Expires),
        TimeSpan.FromSeconds(30)));
}
