using System.Buffers.Binary;

namespace PolicyProxy.TestKit.Http2;

/// <summary>Frame types (RFC 9113 §6).</summary>
internal enum Http2FrameType : byte
{
    Data = 0,
    Headers = 1,
    Priority = 2,
    RstStream = 3,
    Settings = 4,
    PushPromise = 5,
    Ping = 6,
    GoAway = 7,
    WindowUpdate = 8,
    Continuation = 9,
}

/// <summary>Frame flags; what a bit means depends on the type.</summary>
[Flags]
internal enum Http2Flags : byte
{
    None = 0,
    /// <summary>Of DATA and HEADERS; in SETTINGS and PING the same bit acknowledges.</summary>
    EndStream = 1,
    EndHeaders = 4,
    Padded = 8,
    Priority = 32,
}

/// <summary>Error codes (RFC 9113 §7) as numbers on the wire.</summary>
internal enum Http2Error : uint
{
    None = 0,
    Protocol = 1,
    Internal = 2,
    FlowControl = 3,
    SettingsTimeout = 4,
    StreamClosed = 5,
    FrameSize = 6,
    RefusedStream = 7,
    Cancel = 8,
    Compression = 9,
    Connect = 10,
    EnhanceYourCalm = 11,
    InadequateSecurity = 12,
    Http11Required = 13,
}

/// <summary>One frame, valid or not: nothing is checked.</summary>
/// <param name="Type">Type, also an unknown one.</param>
/// <param name="Flags">Flags.</param>
/// <param name="Stream">Stream identifier.</param>
/// <param name="Payload">Payload.</param>
internal sealed record Http2Frame(Http2FrameType Type, Http2Flags Flags, int Stream, byte[] Payload)
{
    /// <summary>Bytes of a frame's header.</summary>
    public const int HeaderBytes = 9;

    /// <summary>The frame as it goes over the wire.</summary>
    public byte[] Wire
    {
        get
        {
            var wire = new byte[HeaderBytes + Payload.Length];
            BinaryPrimitives.WriteInt32BigEndian(wire, (Payload.Length << 8) | (byte)Type);
            wire[4] = (byte)Flags;
            BinaryPrimitives.WriteInt32BigEndian(wire.AsSpan(5), Stream);
            Payload.CopyTo(wire, HeaderBytes);
            return wire;
        }
    }

    public static Http2Frame Headers(int stream, byte[] block, bool ends = true) =>
        new(Http2FrameType.Headers, Http2Flags.EndHeaders | (ends ? Http2Flags.EndStream : Http2Flags.None), stream, block);

    public static Http2Frame Data(int stream, byte[] data, bool ends) => new(Http2FrameType.Data, ends ? Http2Flags.EndStream : Http2Flags.None, stream, data);

    public static Http2Frame Reset(int stream, Http2Error error = Http2Error.Cancel) => new(Http2FrameType.RstStream, Http2Flags.None, stream, Number((uint)error));

    public static Http2Frame WindowUpdate(int stream, uint increment) => new(Http2FrameType.WindowUpdate, Http2Flags.None, stream, Number(increment));

    public static Http2Frame Settings(params (ushort Id, uint Value)[] settings) =>
        new(Http2FrameType.Settings, Http2Flags.None, 0, [.. settings.SelectMany(static s => (byte[])[(byte)(s.Id >> 8), (byte)s.Id, .. Number(s.Value)])]);

    /// <summary>Four bytes, most significant first.</summary>
    public static byte[] Number(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }
}
