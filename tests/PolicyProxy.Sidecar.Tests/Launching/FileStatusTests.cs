using System.Globalization;
using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Tests.Launching;

public sealed class FileStatusTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public async Task FileStatus_is_what_stat_prints()
    {
        var file = Path.Combine(_folder.FullName, "file");
        await File.WriteAllTextAsync(file, "x");
        using var open = File.OpenHandle(file);

        Assert.Equal(new FileStatus(await InodeOfAsync(file), IsDirectory: false), FileStatus.Of(file));
        Assert.Equal(FileStatus.Of(file), FileStatus.Of((int)open.DangerousGetHandle()));
        Assert.Equal(new FileStatus(await InodeOfAsync(_folder.FullName), IsDirectory: true), FileStatus.Of(_folder.FullName));
        Assert.Equal(FileStatus.Of(Directory.GetCurrentDirectory()), FileStatus.Of("."));
    }

    [Fact]
    public void FileStatus_of_what_is_not_there_is_none()
    {
        Assert.Null(FileStatus.Of(Path.Combine(_folder.FullName, "nothing")));
        Assert.Null(FileStatus.Of(string.Empty));
        Assert.Null(FileStatus.Of(-1));
    }

    private static async Task<ulong> InodeOfAsync(string path) =>
        ulong.Parse(await Tool.RunAsync("stat", "coreutils", "-c", "%i", path), CultureInfo.InvariantCulture);
}
