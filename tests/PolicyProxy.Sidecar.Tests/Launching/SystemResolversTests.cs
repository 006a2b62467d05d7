using PolicyProxy.Sidecar.Launching;

namespace PolicyProxy.Sidecar.Tests.Launching;

public sealed class SystemResolversTests : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();

    public void Dispose() => _folder.Delete(recursive: true);

    [Theory]
    [InlineData("nameserver 192.0.2.53\n", "192.0.2.53")]
    [InlineData("search a.test\nnameserver 192.0.2.53\noptions edns0 trust-ad ndots:5\nnameserver\t2001:db8::53\n", "192.0.2.53 2001:db8::53")]
    [InlineData("nameserver 192.0.2.1\nnameserver 192.0.2.2\nnameserver 192.0.2.3\nnameserver 192.0.2.4\n", "192.0.2.1 192.0.2.2 192.0.2.3 192.0.2.4")]
    [InlineData("nameserver 192.0.2.53 # the router\r\n; nameserver 192.0.2.1\r\n#nameserver 192.0.2.2\r\n", "192.0.2.53")]
    [InlineData("nameserver fe80::53%lo\nnameserver fe80::54%7\nnameserver ::ffff:192.0.2.53", "fe80::53 fe80::54 192.0.2.53")]
    [InlineData("nameserver 0.0.0.0\nnameserver ::\n", "127.0.0.1 ::1")]
    [InlineData("nameserver\nnameserver a.test\nnameservers 192.0.2.53\noptions edns0\n", "127.0.0.1")]
    [InlineData("", "127.0.0.1")]
    public void SystemResolvers_are_those_the_c_library_asks(string text, string expected)
    {
        var file = Path.Combine(_folder.FullName, "resolv.conf");
        File.WriteAllText(file, text);

        Assert.Equal(expected, string.Join(' ', SystemResolvers.Read(file)));
    }

    [Fact]
    public void SystemResolvers_file_that_is_not_there_or_cannot_be_read_means_this_machine()
    {
        var dangling = Path.Combine(_folder.FullName, "dangling");
        File.CreateSymbolicLink(dangling, "../run/systemd/resolve/stub-resolv.conf");

        Assert.Equal("127.0.0.1", Assert.Single(SystemResolvers.Read(dangling)).ToString());
        Assert.Equal("127.0.0.1", Assert.Single(SystemResolvers.Read(_folder.FullName)).ToString());
    }

    [Fact]
    public void SystemResolvers_follow_a_link_that_is_relative()
    {
        File.WriteAllText(Path.Combine(_folder.CreateSubdirectory("run").FullName, "stub.conf"), "nameserver 127.0.0.53\n");
        var link = Path.Combine(_folder.CreateSubdirectory("etc").FullName, "resolv.conf");
        File.CreateSymbolicLink(link, "../run/stub.conf");

        Assert.Equal("127.0.0.53", Assert.Single(SystemResolvers.Read(link)).ToString());
    }
}
