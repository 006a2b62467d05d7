using System.Buffers;
using System.Globalization;
using System.Text.Json;

namespace PolicyProxy.Flows.Formats;

/// <summary>
/// Writes flows as Hubble's export format: one ExportEvent as proto3 JSON with original field names per line, ASCII only, readable by
/// <c>hubble observe --input-file</c>. Only fields that Hubble's messages have are written, since its reader refuses unknown ones; rule path and
/// file:line travel in policy labels and in policy_log. Not thread-safe: one writer per output.
/// </summary>
internal sealed class FlowJsonWriter : IDisposable
{
    private readonly FlowJsonOptions _options;
    private readonly Utf8JsonWriter _json;

    public FlowJsonWriter(FlowJsonOptions? options = null)
    {
        _options = options ?? new FlowJsonOptions();
        _json = new Utf8JsonWriter(Stream.Null, new JsonWriterOptions { SkipValidation = true });
    }

    /// <summary>Writes the line of the flow, or both lines of a refused connection (verdict, then drop), each ended by a line feed.</summary>
    public void Write(FlowRecord flow, IBufferWriter<byte> output)
    {
        Write(FlowEvent.Of(flow), output);
        if (FlowEvent.TryGetDrop(flow, out var drop))
        {
            Write(drop, output);
        }
    }

    /// <summary>Writes a line that says <paramref name="count"/> flows are missing at this place.</summary>
    public void WriteLost(long count, DateTimeOffset time, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteStartObject("lost_events"u8);
        _json.WriteString("source"u8, "HUBBLE_RING_BUFFER"u8);
        _json.WriteString("num_events_lost"u8, count.ToString(CultureInfo.InvariantCulture));
        _json.WriteEndObject();
        End(time, output);
    }

    /// <summary>Releases the writer's buffers; outputs stay open.</summary>
    public void Dispose() => _json.Dispose();

    private void Write(FlowEvent flowEvent, IBufferWriter<byte> output)
    {
        _json.Reset(output);
        _json.WriteStartObject();
        _json.WriteStartObject("flow"u8);
        FlowJson.Write(_json, flowEvent, _options);
        _json.WriteEndObject();
        End(flowEvent.Flow.Time, output);
    }

    private void End(DateTimeOffset time, IBufferWriter<byte> output)
    {
        _json.WriteString("node_name"u8, _options.NodeName);
        FlowJson.WriteTime(_json, time);
        _json.WriteEndObject();
        _json.Flush();
        output.Write("\n"u8);
    }
}
