using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.FunctionalTests.Doors;

/// <summary>A policy source whose texts a test replaces.</summary>
internal sealed class ReplaceableTexts(IReadOnlyList<string> texts) : IPolicySource
{
    private readonly InMemoryPolicySource _source = new(Named(texts));

    public PolicyInput GetPolicies() => _source.GetPolicies();

    /// <summary>Replaces the texts; the result is the compilation of the new ones, which is in force if it succeeded.</summary>
    public async Task<PolicyCompilation> ReplaceAsync(IServiceProvider services, IReadOnlyList<string> texts)
    {
        var engine = services.GetRequiredService<PolicyEngine>();
        var compiled = new TaskCompletionSource<PolicyCompilation>(TaskCreationOptions.RunContinuationsAsynchronously);
        void OnCompiled(object? sender, PolicyCompilation compilation) => compiled.TrySetResult(compilation);
        engine.Compiled += OnCompiled;
        try
        {
            _source.Update(Named(texts));
            return await compiled.Task.WaitAsync(TimeSpan.FromSeconds(30));
        }
        finally
        {
            engine.Compiled -= OnCompiled;
        }
    }

    private static IEnumerable<(string File, string Text)> Named(IReadOnlyList<string> texts) =>
        texts.Select(static (text, index) => ($"{index}.yaml", text));
}
