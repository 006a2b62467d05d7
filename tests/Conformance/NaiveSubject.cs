using PolicyProxy.Policy.Compilation;
using PolicyProxy.TestKit.Judges;

namespace PolicyProxy.Conformance;

/// <summary>The naive evaluator behind the product's reader and validator.</summary>
internal sealed class NaiveSubject : IVectorSubject
{
    public Outcome Evaluate(Vector vector, IReadOnlyList<string> texts)
    {
        var read = PolicyTexts.Read(texts);
        if (vector.Flow is not { } flow)
        {
            return new Outcome(read.Rejected, null);
        }

        using var judge = new NaiveJudge(read.Objects, new PolicyCompilerOptions { CiliumCompatible = true });
        return new Outcome(read.Rejected, judge.Judge(flow));
    }
}
