using PolicyProxy.Flows;
using PolicyProxy.Gate;

namespace PolicyProxy.Tests.Flows;

public sealed class DenialSamplerTests
{
    [Fact]
    public void DenialSampler_every_reason_has_a_window_of_its_own()
    {
        var sampler = new DenialSampler(1, TimeProvider.System);
        Assert.All(Enum.GetValues<VerdictReason>(), reason => Assert.True(sampler.Take(reason, out _)));
    }
}
