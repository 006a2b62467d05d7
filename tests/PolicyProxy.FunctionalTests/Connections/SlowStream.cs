using System.Net.Sockets;

namespace PolicyProxy.FunctionalTests.Connections;

/// <summary>A connection that sends what is written byte by byte, each in a segment of its own as far as the kernel lets it.</summary>
internal sealed class SlowStream(Socket socket) : NetworkStream(socket, ownsSocket: true)
{
    public override async ValueTask WriteAsync(ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
    {
        for (var i = 0; i < buffer.Length; i++)
        {
            await base.WriteAsync(buffer.Slice(i, 1), cancellationToken);
        }
    }
}
