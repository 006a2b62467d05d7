using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Addresses that come and go while a sidecar runs: a rule for networks never means the machine itself.</summary>
[Collection(SidecarCollection.Name)]
public sealed class AddressTests
{
    // Each try is a line: the error, or that it worked.
    private const string Try = """
        import errno, socket, sys
        while True:
            try:
                socket.create_connection((sys.argv[1], 9), 10).close()
                print("connected", flush=True)
            except OSError as error: print(errno.errorcode.get(error.errno, error), flush=True)
        """;

    [Theory]
    [InlineData("198.18.5.5/32")]
    [InlineData("fd00:213:ffff::5/128")]
    public async Task Address_is_the_machines_as_long_as_it_has_it(string address)
    {
        using var pod = NetworkNamespace.Create($"pp{Environment.ProcessId:x}addr");
        await using var sidecar = await RunningSidecar.StartAsync(Policies.Egress("- toCIDR: [\"0.0.0.0/0\", \"::/0\"]"), pod, "--pod");
        var client = sidecar.Start("python3", "-c", Try, address.Split('/')[0]);
        client.Until(static line => line == "ENETUNREACH"); // allowed, but there is no route

        pod.IpInside("addr", "add", address, "dev", "lo");
        client.Until(static line => line == "EPERM");

        pod.IpInside("addr", "del", address, "dev", "lo");
        client.Until(static line => line == "ENETUNREACH");
    }
}
