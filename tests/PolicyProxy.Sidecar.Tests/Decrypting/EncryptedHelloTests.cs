using PolicyProxy.Flows;

namespace PolicyProxy.Sidecar.Tests.Decrypting;

/// <summary>
/// A ClientHello with encrypted_client_hello (RFC 9849) where TLS is decrypted: the handshake is made, and judged, for the name that shows. What is hidden
/// inside is never opened, so a client that means it gets another server than it wanted and leaves; one that pretends (GREASE) is served.
/// </summary>
public sealed class EncryptedHelloTests
{
    // OpenSSL, with the extension as a client sends it that pretends: outer, HKDF-SHA256 and AES-128-GCM, a key and a payload nobody can open.
    private const string Client = """
        import ctypes, os, socket, ssl, sys
        proxy, server, authority, name, method = sys.argv[1:]
        extension = bytes([0, 0, 1, 0, 1, 7, 0, 32]) + os.urandom(32) + bytes([0, 144]) + os.urandom(144)
        kept = ctypes.create_string_buffer(extension, len(extension))
        Add = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, ctypes.POINTER(ctypes.c_void_p), ctypes.POINTER(ctypes.c_size_t),
                               ctypes.c_void_p, ctypes.c_size_t, ctypes.c_void_p, ctypes.c_void_p)
        def add(connection, kind, where, out, length, certificate, index, alert, argument):
            out[0], length[0] = ctypes.addressof(kept), len(extension)
            return 1
        context = ssl.create_default_context(cafile=authority)
        native = ctypes.c_void_p.from_address(id(context) + object.__basicsize__)
        library = ctypes.CDLL("libssl.so.3")
        function = Add(add)
        library.SSL_CTX_add_custom_ext.argtypes = [ctypes.c_void_p, ctypes.c_uint, ctypes.c_uint, Add] + [ctypes.c_void_p] * 4
        assert library.SSL_CTX_add_custom_ext(native, 0xfe0d, 0x80, function, None, None, None, None) == 1  # 0x80: in the ClientHello
        host, port = proxy.rsplit(":", 1)
        connection = socket.create_connection((host, int(port)), 20)
        connection.sendall(f"CONNECT {server} HTTP/1.1\r\nHost: {server}\r\n\r\n".encode())
        assert connection.recv(1000).startswith(b"HTTP/1.1 200")
        try:
            secure = context.wrap_socket(connection, server_hostname=name)
            secure.sendall(f"{method} /a HTTP/1.1\r\nHost: {name}\r\nConnection: close\r\n\r\n".encode())
            print(secure.makefile("rb").read().decode())
        except OSError as error: print(type(error).__name__)
        """;

    private const string Rule =
        "serverNames: [api.test], terminatingTLS: {secret: {name: edge}}, originatingTLS: {secret: {name: origin}}, rules: {http: [{method: GET}]}";

    [Fact]
    public async Task Shown_name_is_judged_and_requests_inside_are()
    {
        await using var bench = await ContextBench.StartAsync(Rule);

        Assert.Contains("https GET api.test/a proxy.client", await AskAsync(bench, "api.test", "GET"), StringComparison.Ordinal);
        Assert.StartsWith("HTTP/1.1 403", await AskAsync(bench, "api.test", "POST"), StringComparison.Ordinal);
        Assert.Single(bench.Requests);
        await bench.SeenAsync(static flow => flow is { Verdict: FlowVerdict.Forwarded, L7: TlsRecord { ServerName: "api.test" } });
    }

    [Fact]
    public async Task Shown_name_that_no_rule_admits_is_reset()
    {
        await using var bench = await ContextBench.StartAsync(Rule);

        Assert.Equal("ConnectionResetError", (await AskAsync(bench, "other.test", "GET")).Trim());
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(static flow => flow is { Verdict: FlowVerdict.Dropped, L7: TlsRecord { ServerName: "other.test" } });
    }

    [Fact]
    public async Task Where_nothing_is_decrypted_the_same_client_shows_no_name()
    {
        await using var bench = await ContextBench.StartAsync("serverNames: [api.test]");

        Assert.Equal("ConnectionResetError", (await AskAsync(bench, "api.test", "GET")).Trim());
        Assert.Empty(bench.Requests);
        await bench.SeenAsync(static flow => flow.Verdict == FlowVerdict.Dropped && flow.Note.Contains("ECH", StringComparison.Ordinal));
    }

    private static async Task<string> AskAsync(ContextBench bench, string name, string method) => await Tool.RunAsync(
        "python3", "python3", ["-c", Client, $"{bench.Sidecar.Server.ProxyAddresses[0]}", $"{bench.Address}", bench.Save("edge.pem", bench.Edge.Pem), name, method]);
}
