using PolicyProxy.TestKit.Naive;

namespace PolicyProxy.TestKit.Judges;

/// <summary>Something that has policies in force and answers for flows.</summary>
internal interface IFlowJudge : IDisposable
{
    FlowAnswer Judge(FlowQuestion flow);
}
