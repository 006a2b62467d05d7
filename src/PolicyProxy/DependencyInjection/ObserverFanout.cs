using PolicyProxy.Flows;

namespace PolicyProxy.DependencyInjection;

/// <summary>Hands each flow to every observer in turn.</summary>
internal sealed class ObserverFanout(IFlowObserver[] observers) : IFlowObserver
{
    public void OnFlow(FlowRecord flow)
    {
        foreach (var observer in observers)
        {
            observer.OnFlow(flow);
        }
    }
}
