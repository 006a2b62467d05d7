using PolicyProxy.Policy.Compilation;
using PolicyProxy.TestKit.Judges;

namespace PolicyProxy.Conformance;

/// <summary>The product: reader, validator, engine, identity table and gate.</summary>
internal sealed class GateSubject : IVectorSubject
{
    public Outcome Evaluate(Vector vector, IReadOnlyList<string> texts)
    {
        var read = PolicyTexts.Read(texts);
        if (vector.Flow is not { } flow)
        {
            return new Outcome(read.Rejected, null);
        }

        using var judge = new GateJudge(read.Objects, new PolicyCompilerOptions { CiliumCompatible = true, IgnoreUnknownFields = true });
        return new Outcome(read.Rejected, judge.Judge(flow));
    }
}
