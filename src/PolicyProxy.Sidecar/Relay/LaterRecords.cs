using System.Buffers.Binary;
using PolicyProxy.Protocols.Tls;

namespace PolicyProxy.Sidecar.Relay;

/// <summary>
/// Watches what a client sends behind its ClientHello for a second one, which a server may ask for (HelloRetryRequest, RFC 8446 §4.1.4) and may
/// take the server name from. Over with the first record that shows that the handshake has gone on. <c>default</c> watches nothing.
/// </summary>
internal struct LaterRecords
{
    private const int HeaderBytes = 5;
    private const byte ChangeCipherSpec = 20;
    private const byte Alert = 21;
    private const byte ApplicationData = 23;
    private const byte ClientHello = 1;

    private bool _hasEarlyData;
    private int _left;

    /// <summary>True until it is over.</summary>
    public bool IsWatching { get; private set; }

    /// <summary>True once another ClientHello begins where passing has stopped.</summary>
    public bool HasHello { get; private set; }

    /// <summary>Begins behind a ClientHello.</summary>
    /// <param name="hasEarlyData">True if data of the application may come before the answer, and so before a second hello.</param>
    public static LaterRecords After(bool hasEarlyData) => new() { IsWatching = true, _hasEarlyData = hasEarlyData };

    /// <summary>How many of the next bytes may pass; the others have to be held until more have come.</summary>
    public int Pass(ReadOnlySpan<byte> received)
    {
        var passed = 0;
        while (IsWatching)
        {
            var inRecord = Math.Min(_left, received.Length - passed);
            _left -= inRecord;
            passed += inRecord;
            var next = received[passed..];
            if (HasHello || next.IsEmpty || (IsTls(next[0]) && next.Length <= HeaderBytes))
            {
                return passed;
            }

            Judge(next);
        }

        return received.Length;
    }

    // No record is empty but one that hides where the next begins.
    private void Judge(ReadOnlySpan<byte> record)
    {
        var length = IsTls(record[0]) ? BinaryPrimitives.ReadUInt16BigEndian(record[3..]) : 0;
        if (record[0] == TlsHelloScanner.FirstByte && (length == 0 || record[HeaderBytes] == ClientHello))
        {
            HasHello = true;
        }
        else if (record[0] is ChangeCipherSpec or Alert || (record[0] == ApplicationData && _hasEarlyData))
        {
            _left = HeaderBytes + length;
        }
        else
        {
            IsWatching = false;
        }
    }

    private static bool IsTls(byte type) => type is >= ChangeCipherSpec and <= ApplicationData;
}
