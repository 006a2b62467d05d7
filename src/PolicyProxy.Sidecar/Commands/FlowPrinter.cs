using System.Buffers;
using System.Text;
using PolicyProxy.Flows;
using PolicyProxy.Flows.Formats;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Prints flows as they happen: compact lines for people, or Hubble's JSON lines for programs.</summary>
internal sealed class FlowPrinter : IFlowObserver, IDisposable
{
    private readonly TextWriter _output;
    private readonly FlowCompactWriter? _compact;
    private readonly FlowJsonWriter? _json;
    private readonly ArrayBufferWriter<byte> _buffer = new();

    private FlowPrinter(TextWriter output, FlowCompactWriter? compact, FlowJsonWriter? json) => (_output, _compact, _json) = (output, compact, json);

    public static FlowPrinter Compact(CommandOutput output) =>
        new(output.Out, new FlowCompactWriter(new FlowCompactOptions { Color = output.UsesColour, TimeZone = TimeZoneInfo.Local }), null);

    public static FlowPrinter Json(CommandOutput output) => new(output.Out, null, new FlowJsonWriter());

    public void OnFlow(FlowRecord flow)
    {
        if (_compact is not null)
        {
            _compact.Write(flow, _output);
            return;
        }

        _buffer.ResetWrittenCount();
        _json!.Write(flow, _buffer);
        _output.Write(Encoding.ASCII.GetString(_buffer.WrittenSpan));
    }

    public void Dispose() => _json?.Dispose();
}
