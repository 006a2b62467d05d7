using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Authentication;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>
/// A server that answers every connection over TLS with an HTTP response whose body is the name it was asked for. Its certificate is its own,
/// so a client that sees it speaks with nobody else.
/// </summary>
internal sealed class TlsOrigin : IDisposable
{
    private readonly X509Certificate2 _certificate = Certify();
    private readonly TcpListener _listener;
    private int _connections;

    private TlsOrigin(IPEndPoint address) => _listener = new TcpListener(address);

    /// <summary>Fingerprint of the certificate.</summary>
    public string Fingerprint => _certificate.Thumbprint;

    public IPEndPoint Address => (IPEndPoint)_listener.LocalEndpoint;

    /// <summary>Connections accepted.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public static TlsOrigin Start(IPEndPoint? address = null)
    {
        var origin = new TlsOrigin(address ?? new IPEndPoint(IPAddress.Loopback, 0));
        origin._listener.Start();
        _ = origin.AcceptAsync();
        return origin;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _certificate.Dispose();
    }

    private static X509Certificate2 Certify()
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=origin.example", key, HashAlgorithmName.SHA256);
        return request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.MaxValue);
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync();
                Interlocked.Increment(ref _connections);
                _ = AnswerAsync(client);
            }
        }
        catch (Exception error) when (error is SocketException or ObjectDisposedException)
        {
            // stopped
        }
    }

    private async Task AnswerAsync(TcpClient client)
    {
        using (client)
        {
            await using var stream = new SslStream(client.GetStream());
            try
            {
                await stream.AuthenticateAsServerAsync(_certificate);
                var name = stream.TargetHostName;
                var buffer = new byte[4_096];
                _ = await stream.ReadAsync(buffer);
                await stream.WriteAsync(System.Text.Encoding.ASCII.GetBytes($"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: {name.Length}\r\n\r\n{name}"));
                await stream.ShutdownAsync();
                _ = await stream.ReadAsync(buffer);
            }
            catch (Exception error) when (error is IOException or AuthenticationException)
            {
                // the client is gone, or was cut off
            }
        }
    }
}
