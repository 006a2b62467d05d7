using System.Buffers.Binary;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>Reads frames with a length in front.</summary>
internal static class DemoKafkaFrame
{
    private const int MaxBytes = 4096;

    /// <summary>The next frame without its length; null at the end, and if it is longer than anything the demo sends.</summary>
    public static async Task<byte[]?> ReadAsync(Stream stream, CancellationToken stop)
    {
        var length = new byte[sizeof(int)];
        if (await stream.ReadAtLeastAsync(length, length.Length, throwOnEndOfStream: false, stop).ConfigureAwait(false) < length.Length)
        {
            return null;
        }

        var size = BinaryPrimitives.ReadInt32BigEndian(length);
        if (size is < 0 or > MaxBytes)
        {
            return null;
        }

        var frame = new byte[size];
        return await stream.ReadAtLeastAsync(frame, size, throwOnEndOfStream: false, stop).ConfigureAwait(false) == size ? frame : null;
    }
}
