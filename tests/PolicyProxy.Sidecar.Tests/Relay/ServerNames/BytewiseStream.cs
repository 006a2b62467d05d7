using System.Net.Sockets;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>A socket that sends each byte by itself.</summary>
internal sealed class BytewiseStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < buffer.Length; i++)
        {
            await base.WriteAsync(buffer.Slice(i, 1), cancellationToken);
        }
    }
}
