using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Tests.Policy.Sources;

public sealed class InMemoryPolicySourceTests
{
    private const string Policy = "apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {name: p}\nspec: {endpointSelector: {}, ingress: [{}]}\n";

    [Fact]
    public async Task InMemoryPolicySource_update_fires_the_old_token_and_changes_the_revision()
    {
        using var source = new InMemoryPolicySource([("a.yaml", Policy)]);
        var before = source.GetPolicies();
        var fired = new TaskCompletionSource();
        before.ChangeToken.RegisterChangeCallback(_ => fired.SetResult(), null);

        source.Update([]);

        await fired.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var after = source.GetPolicies();
        Assert.Single(before.Objects.Policies);
        Assert.Empty(after.Objects.Policies);
        Assert.NotEqual(before.RevisionId, after.RevisionId);
        Assert.False(after.ChangeToken.HasChanged);
    }

    [Fact]
    public void InMemoryPolicySource_equal_texts_have_equal_revisions_and_moved_text_has_not()
    {
        using var first = new InMemoryPolicySource([("a", "x"), ("b", "")]);
        using var second = new InMemoryPolicySource([("a", "x"), ("b", "")]);
        using var moved = new InMemoryPolicySource([("a", ""), ("b", "x")]);

        Assert.Equal(first.GetPolicies().RevisionId, second.GetPolicies().RevisionId);
        Assert.NotEqual(first.GetPolicies().RevisionId, moved.GetPolicies().RevisionId);
    }
}
