using System.Buffers;
using System.Diagnostics;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using PolicyProxy.Fuzz;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Fuzz.Tls;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Protocols.Tests.Tls;

/// <summary>What programs of today send as their first message, taken from them when the test runs.</summary>
public class RealHelloTests
{
    private const string Name = "shop.example";
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    /// <summary>Programs, their Debian packages and arguments; PORT is where they are to connect.</summary>
    private static readonly Dictionary<string, (string Package, string[] Arguments)> s_programs = new()
    {
        ["openssl"] = ("openssl", ["s_client", "-connect", "127.0.0.1:PORT", "-servername", Name, "-alpn", "h2,http/1.1"]),
        ["curl"] = ("curl", ["-sk", "--noproxy", "*", "--http2", "--resolve", Name + ":PORT:127.0.0.1", "https://" + Name + ":PORT/"]),
        ["python3"] = ("python3", ["-c", """
            import socket, ssl
            context = ssl.create_default_context()
            context.set_alpn_protocols(["h2", "http/1.1"])
            context.wrap_socket(socket.create_connection(("127.0.0.1", PORT)), server_hostname="shop.example")
            """]),
        ["node"] = ("nodejs", ["-e", """
            require("tls").connect({ port: PORT, host: "127.0.0.1", servername: "shop.example", ALPNProtocols: ["h2", "http/1.1"] }).on("error", () => {})
            """]),
    };

    [Theory]
    [InlineData("openssl")]
    [InlineData("curl")]
    [InlineData("python3")]
    [InlineData("node")]
    public async Task Hello_of_a_program_is_read(string program)
    {
        var (package, arguments) = s_programs[program];
        Check(program, await RecordAsync(port => Task.FromResult<IDisposable>(Start(program, package, arguments, port))));
    }

    [Fact]
    public async Task Hello_of_dotnet_is_read() => Check("dotnet", await RecordAsync(ConnectAsync));

    [Fact]
    public async Task Hello_without_a_name_is_read()
    {
        var flight = await RecordAsync(port => Task.FromResult<IDisposable>(
            Start("openssl", "openssl", ["s_client", "-connect", "127.0.0.1:PORT", "-noservername"], port)));

        Assert.True(TlsHelloTarget.Read(flight, out var error, out var facts), error.ToString());
        Assert.StartsWith(" 0303 0304 False", facts, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Hello_of_an_old_version_is_read()
    {
        var flight = await RecordAsync(port => Task.FromResult<IDisposable>(
            Start("openssl", "openssl", ["s_client", "-connect", "127.0.0.1:PORT", "-servername", Name, "-tls1_2"], port)));

        Assert.True(TlsHelloTarget.Read(flight, out var error, out var facts), error.ToString());
        Assert.Equal(Name + " 0303 0303 False False False", facts);
    }

    private static void Check(string program, byte[] flight)
    {
        Assert.True(TlsHelloTarget.Read(flight, out var error, out var facts), $"{program}: {error}: {Convert.ToHexString(flight)}");
        Assert.Equal($"{Name} 0303 0304 False False False 6832 687474702F312E31", facts);
        foreach (var ends in Segmentation.EveryCut(flight.Length))
        {
            Assert.Equal(OperationStatus.Done, FrameLaw.Check(() => new TlsHelloScanner(TlsLimits.Default), flight, ends).Status);
        }

        Assert.Equal(FuzzOutcome.Accepted, new TlsHelloTarget().Run(flight));
    }

    // Everything up to the end of the message; then the connection is closed.
    private static async Task<byte[]> RecordAsync(Func<int, Task<IDisposable>> connect)
    {
        using var limit = new CancellationTokenSource(s_limit);
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        using var client = await connect(((IPEndPoint)listener.LocalEndpoint).Port);
        using var connection = await listener.AcceptSocketAsync(limit.Token);
        var received = new byte[TlsLimits.Default.MaxFlightBytes];
        var count = 0;
        while (true)
        {
            var read = await connection.ReceiveAsync(received.AsMemory(count), limit.Token);
            Assert.NotEqual(0, read);
            count += read;
            var status = new TlsHelloScanner(TlsLimits.Default).Scan(received.AsSpan(0, count), out int length);
            if (status != OperationStatus.NeedMoreData)
            {
                return received[..(status == OperationStatus.Done ? length : count)];
            }
        }
    }

    private static RunningProgram Start(string program, string package, string[] arguments, int port)
    {
        var start = new ProcessStartInfo(program, arguments.Select(argument => argument.Replace("PORT", $"{port}", StringComparison.Ordinal)))
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        try
        {
            return new RunningProgram(Process.Start(start)!);
        }
        catch (System.ComponentModel.Win32Exception error)
        {
            throw new InvalidOperationException($"{program} is needed: install the Debian package {package}", error);
        }
    }

    private static async Task<IDisposable> ConnectAsync(int port)
    {
        var client = new TcpClient();
        await client.ConnectAsync(IPAddress.Loopback, port);
        var stream = new SslStream(client.GetStream());
        _ = AuthenticateAsync(stream);
        return client;
    }

    // Ends with an error: nobody answers.
    private static async Task AuthenticateAsync(SslStream stream)
    {
        await using (stream)
        {
            try
            {
                await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
                {
                    TargetHost = Name,
                    ApplicationProtocols = [SslApplicationProtocol.Http2, SslApplicationProtocol.Http11],
                });
            }
            catch (Exception error) when (error is IOException or ObjectDisposedException)
            {
            }
        }
    }

    private sealed class RunningProgram(Process process) : IDisposable
    {
        public void Dispose()
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            process.Dispose();
        }
    }
}
