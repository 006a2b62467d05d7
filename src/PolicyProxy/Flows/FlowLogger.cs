using Microsoft.Extensions.Logging;
using PolicyProxy.Flows.Formats;

namespace PolicyProxy.Flows;

/// <summary>
/// Writes flows to the program's log: denials and audited denials at Information, sampled; failures at Warning; the rest at Debug. Never header
/// values; queries only where they are not redacted. Control characters are escaped, so a request cannot forge a log line. Add it to a
/// <see cref="FlowPublisher"/>; it gets a queue there, since log sinks may block.
/// </summary>
internal sealed class FlowLogger : IProblemFlowObserver, IDisposable
{
    /// <summary>Denials logged per second and reason: 10; the rest is counted and reported with the next one.</summary>
    public const int DefaultDenialsPerSecond = 10;

    private static readonly FlowRedaction s_redaction = new() { Query = true };

    private readonly ILogger _logger;
    private readonly DenialSampler _sampler;

    public FlowLogger(ILogger logger, TimeProvider? time = null, int denialsPerSecond = DefaultDenialsPerSecond)
    {
        _logger = logger;
        _sampler = new DenialSampler(denialsPerSecond, time ?? TimeProvider.System);
    }

    /// <inheritdoc/>
    public void OnFlow(FlowRecord flow)
    {
        switch (flow.Verdict)
        {
            case FlowVerdict.Dropped or FlowVerdict.Audit:
                OnDenial(flow);
                break;
            case FlowVerdict.Error:
                Log.FlowFailed(_logger, Summary(flow), Name(flow.Source), Name(flow.Destination), flow.Reason.ToString(), flow.Direction.ToString(), Why(flow));
                break;
            case var verdict when _logger.IsEnabled(LogLevel.Debug):
                Log.FlowForwarded(_logger, Summary(flow), Name(flow.Source), Name(flow.Destination), verdict.ToString(), flow.Direction.ToString());
                break;
            default:
                break;
        }
    }

    /// <summary>Reports denials that were counted and not yet reported.</summary>
    public void Dispose()
    {
        foreach (var (reason, count) in _sampler.Drain())
        {
            Log.DenialsSuppressed(_logger, count, reason.ToString());
        }
    }

    private void OnDenial(FlowRecord flow)
    {
        if (!_logger.IsEnabled(LogLevel.Information))
        {
            return;
        }

        var reason = flow.Reason.ToString();
        var logged = _sampler.Take(flow.Reason, out var suppressed);
        if (suppressed > 0)
        {
            Log.DenialsSuppressed(_logger, suppressed, reason);
        }

        if (!logged)
        {
            return;
        }

        var direction = flow.Direction.ToString();
        switch (flow)
        {
            case { Type: FlowType.L7, Verdict: FlowVerdict.Dropped }:
                Log.RequestDenied(_logger, Summary(flow), Name(flow.Source), Name(flow.Destination), reason, direction, Why(flow));
                break;
            case { Type: FlowType.L7 }:
                Log.RequestAudited(_logger, Summary(flow), Name(flow.Source), Name(flow.Destination), reason, direction, Why(flow));
                break;
            case { Verdict: FlowVerdict.Dropped }:
                Log.ConnectionDenied(_logger, Name(flow.Source), Name(flow.Destination), reason, direction, Why(flow));
                break;
            default:
                Log.ConnectionAudited(_logger, Name(flow.Source), Name(flow.Destination), reason, direction, Why(flow));
                break;
        }
    }

    private static string Summary(FlowRecord flow) => TerminalText.Safe(FlowSummary.Of(flow, s_redaction));

    private static string Name(FlowEndpoint endpoint) => TerminalText.Safe(FlowHost.NameOf(endpoint));

    private static string Why(FlowRecord flow) => TerminalText.Safe(FlowExplanation.Of(flow, s_redaction));
}
