using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace PolicyProxy.TestKit.Http2;

/// <summary>What a stream has been answered so far.</summary>
internal sealed record Http2Answer
{
    /// <summary>Status; 0 = none yet.</summary>
    public int Status { get; init; }

    /// <summary>Fields of the last field section, trailers if there were any.</summary>
    public IReadOnlyList<(string Name, string Value)> Fields { get; init; } = [];

    /// <summary>Field sections received.</summary>
    public int Sections { get; init; }

    public string Body { get; init; } = string.Empty;

    /// <summary>The stream was reset with this; null = it was not.</summary>
    public Http2Error? Reset { get; init; }

    /// <summary>The connection was given up with this; null = it was not, or its end was not waited for.</summary>
    public Http2Error? GoneAway { get; init; }

    /// <summary>True when nothing more comes on the stream.</summary>
    public bool IsOver { get; init; }

    /// <summary>Value of a field in the last section; null = absent.</summary>
    public string? Field(string name) => Fields.Where(field => field.Name == name).Select(static field => field.Value).FirstOrDefault();

    /// <summary>In one word: the status, the reset, or the end of the connection.</summary>
    public string Outcome =>
        Reset is { } reset and not Http2Error.None ? $"RST {reset}" :
        Status > 0 ? Status.ToString(CultureInfo.InvariantCulture) :
        GoneAway is { } gone ? $"GOAWAY {gone}" : "closed";

    public Http2Answer With(Http2Frame frame)
    {
        var ends = frame.Flags.HasFlag(Http2Flags.EndStream);
        switch (frame.Type)
        {
            case Http2FrameType.Headers:
                var fields = HpackReader.Read(frame.Payload);
                var status = fields.FirstOrDefault(static field => field.Name == ":status").Value;
                return this with
                {
                    Status = status is null ? Status : int.Parse(status, CultureInfo.InvariantCulture),
                    Fields = fields,
                    Sections = Sections + 1,
                    IsOver = IsOver || ends,
                };
            case Http2FrameType.Data:
                return this with { Body = Body + Encoding.Latin1.GetString(frame.Payload), IsOver = IsOver || ends };
            case Http2FrameType.RstStream:
                return this with { Reset = (Http2Error)BinaryPrimitives.ReadUInt32BigEndian(frame.Payload), IsOver = true };
            default:
                return this;
        }
    }
}
