using PolicyProxy.Redirect.Tests.Run;

namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>All attempts, once as root and once as nobody, and then without policy those whose packets have to arrive. Shared by the tests of one class.</summary>
public sealed class BypassRuns : IAsyncLifetime
{
    internal BypassWorld World { get; private set; } = null!;

    internal IReadOnlyDictionary<string, Attempted> Root { get; private set; } = null!;

    internal IReadOnlyDictionary<string, Attempted> Nobody { get; private set; } = null!;

    internal IReadOnlyDictionary<string, Attempted> Unconfined { get; private set; } = null!;

    /// <summary>What had arrived when both confined runs had ended.</summary>
    internal IReadOnlyDictionary<string, int> ArrivedConfined { get; private set; } = null!;

    /// <summary>What had arrived at the end.</summary>
    internal IReadOnlyDictionary<string, int> Arrived { get; private set; } = null!;

    internal bool HostWasUntouched { get; private set; }

    public async Task InitializeAsync()
    {
        World = await BypassWorld.StartAsync();
        var runs = await Task.WhenAll(ConfinedAsync(Aim.Root), ConfinedAsync(Aim.Nobody, "--user", "nobody"));
        (Root, Nobody) = (runs[0], runs[1]);
        ArrivedConfined = await World.ArrivedAsync();
        HostWasUntouched = World.Host.AreUntouched;
        Unconfined = await UnconfinedAsync();
        Arrived = await World.ArrivedAsync();
    }

    public async Task DisposeAsync() => await World.DisposeAsync();

    private async Task<IReadOnlyDictionary<string, Attempted>> ConfinedAsync(Aim aim, params string[] options)
    {
        var result = await ConfinedCommand.RunAsync(World.Policy, World.Command("all.py", aim), options);
        Assert.True(result.ExitCode == 0, result.ToString());
        return Attempts.Read(result.Output);
    }

    private async Task<IReadOnlyDictionary<string, Attempted>> UnconfinedAsync()
    {
        var command = World.Command("all.py", Aim.Unconfined, [.. BypassCase.All.Where(static known => known.Trace is not null).Select(static known => known.Name)]);
        return Attempts.Read((await ConfinedCommand.ExecuteAsync(command[0], command[1..])).Output);
    }
}
