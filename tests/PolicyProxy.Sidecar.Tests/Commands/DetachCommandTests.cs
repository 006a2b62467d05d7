using System.Text.Json;
using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Commands.Diagnosing;
using PolicyProxy.Sidecar.Redirect.Instances;
using PolicyProxy.Sidecar.Tests.Redirect;
using PolicyProxy.Sidecar.Tests.Redirect.Instances;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class DetachCommandTests
{
    [Theory]
    [InlineData("which instance?", "detach")]
    [InlineData("either the name", "detach", "shop", "--all")]
    [InlineData("\"../shop\" is not the name", "detach", "../shop")]
    [InlineData("\"..\" is not the name", "detach", "..")]
    public void DetachCommand_refuses_what_it_could_misunderstand(string error, params string[] args)
    {
        var run = CommandRun.Of(args);

        Assert.Equal((2, string.Empty), (run.ExitCode, run.Out));
        Assert.Contains(error, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void DetachCommand_of_an_unknown_instance_has_nothing_to_do() =>
        Assert.Equal(new CommandRun(0, "no-such-instance: nothing left" + Environment.NewLine, string.Empty), CommandRun.Of("detach", "no-such-instance"));

    [RootFact]
    public void DetachCommand_list_tells_who_lives_and_what_is_pinned()
    {
        using var left = new LeftBehind();
        var work = left.Rest(left.Instance.Work);
        var alive = left.Add("alive");
        var proxy = left.Rest(alive.Proxy);

        Assert.Equal($"alive: proxy alive ({proxy}), confines nothing, 1 pinned links\nshop: proxy dead, confines {work}, 1 pinned links\n", Written(left, InstanceListWriter.WriteText));
        using var json = JsonDocument.Parse(Written(left, InstanceListWriter.WriteJson));
        var shop = json.RootElement.GetProperty("instances")[1];
        Assert.Equal(("shop", false, work, 1), (
            shop.GetProperty("name").GetString(),
            shop.GetProperty("proxyAlive").GetBoolean(),
            shop.GetProperty("workload")[0].GetInt32(),
            shop.GetProperty("links").GetInt32()));
    }

    private static string Written(LeftBehind left, Action<IReadOnlyList<Instance>, CommandOutput> write)
    {
        using var output = new StringWriter { NewLine = "\n" };
        write(Instance.All(left.Roots), new CommandOutput(output, TextWriter.Null, UsesColour: false));
        return output.ToString();
    }
}
