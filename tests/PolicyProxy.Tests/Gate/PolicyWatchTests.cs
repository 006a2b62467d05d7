using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Tests.Gate;

/// <summary>Policies that are followed until nobody wants them any more.</summary>
public sealed class PolicyWatchTests
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    [Fact]
    public async Task Watch_that_ends_while_policies_are_published_waits_for_them_and_no_longer()
    {
        using var engine = new PolicyEngine(new PolicyCompilerOptions());
        using var source = new InMemoryPolicySource([]);
        var (_, watch) = engine.Watch(source);
        var ending = new Thread(watch.Dispose) { IsBackground = true };
        var published = new TaskCompletionSource<bool>(TaskCreationOptions.RunContinuationsAsynchronously);
        engine.Compiled += (_, _) =>
        {
            ending.Start();
            published.SetResult(SpinWait.SpinUntil(() => (ending.ThreadState & ThreadState.WaitSleepJoin) != 0, s_limit));
        };

        source.Update([]);

        Assert.True(await published.Task.WaitAsync(s_limit), "the end did not wait");
        Assert.True(ending.Join(s_limit), "the end waits for ever");
    }
}
