using PolicyProxy.Flows;

namespace PolicyProxy.DependencyInjection;

/// <summary>The gate's end of the flow publisher.</summary>
internal sealed class GateFlows(FlowPublisher publisher) : IInlineFlowObserver
{
    public void OnFlow(FlowRecord flow) => publisher.Publish(flow);
}
