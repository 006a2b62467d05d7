using System.Text;

namespace PolicyProxy.Sidecar.Tests.Relay.ServerNames;

/// <summary>Writes ClientHellos, one byte per character, those included that no client sends.</summary>
internal static class TlsFlights
{
    /// <summary>A ClientHello in its records.</summary>
    /// <param name="name">Null = none.</param>
    /// <param name="recordBytes">Most bytes of a record.</param>
    /// <param name="type">Number of a further extension; 0 = none.</param>
    /// <param name="padding">Bytes of padding.</param>
    public static string Hello(string? name, int recordBytes = 16_384, int type = 0, int padding = 0)
    {
        byte[] extensions =
        [
            .. name is null ? [] : Extension(0, Sized([0, .. Sized(Encoding.Latin1.GetBytes(name))])),
            .. type == 0 ? [] : Extension(type, [0]),
            .. Extension(21, new byte[padding]),
            .. Extension(43, [2, 3, 4]),
        ];
        byte[] fields = [3, 3, .. new byte[32], 0, .. Sized([0x13, 1]), 1, 0, .. Sized(extensions)];
        byte[] message = [1, 0, .. Sized(fields)];
        return Encoding.Latin1.GetString([.. message.Chunk(recordBytes).SelectMany(part => (byte[])[22, 3, 1, .. Sized(part)])]);
    }

    private static byte[] Extension(int type, byte[] value) => [(byte)(type >> 8), (byte)type, .. Sized(value)];

    private static byte[] Sized(byte[] bytes) => [(byte)(bytes.Length >> 8), (byte)bytes.Length, .. bytes];
}
