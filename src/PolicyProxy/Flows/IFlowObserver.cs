namespace PolicyProxy.Flows;

/// <summary>Sees every verdict. Called on the data path: implementations must be quick, thread-safe and must not throw.</summary>
public interface IFlowObserver
{
    /// <summary>Receives one flow.</summary>
    void OnFlow(FlowRecord flow);
}
