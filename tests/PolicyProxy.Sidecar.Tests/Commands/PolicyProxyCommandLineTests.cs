using System.CommandLine;
using System.Text.RegularExpressions;
using PolicyProxy.Sidecar.Commands;

namespace PolicyProxy.Sidecar.Tests.Commands;

public sealed class PolicyProxyCommandLineTests
{
    [Theory]
    [InlineData("--version")]
    [InlineData("version")]
    public void PolicyProxyCommandLine_version_is_one_line(string arg)
    {
        var run = CommandRun.Of(arg);

        Assert.Equal(0, run.ExitCode);
        Assert.Matches(@"^policyproxy \d+\.\d+\.\d+(\+[0-9a-f]+)?\r?\n$", run.Out);
    }

    [Fact]
    public void PolicyProxyCommandLine_without_arguments_shows_help_on_stderr()
    {
        var run = CommandRun.Of();

        Assert.Equal(2, run.ExitCode);
        Assert.Empty(run.Out);
        Assert.Contains("explain <REQUEST>", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("chek", "unknown command \"chek\", did you mean \"check\"?")]
    [InlineData("exlpain", "did you mean \"explain\"?")]
    [InlineData("frobnicate", "unknown command \"frobnicate\"\n")]
    public void PolicyProxyCommandLine_unknown_verb_suggests(string verb, string expected)
    {
        var run = CommandRun.Of(verb);

        Assert.Equal(2, run.ExitCode);
        Assert.StartsWith("policyproxy: ", run.Error, StringComparison.Ordinal);
        Assert.Contains(expected, run.Error.ReplaceLineEndings("\n"), StringComparison.Ordinal);
        Assert.Contains("See \"policyproxy --help\".", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("check", "--strct", "--strict", "p.yaml")]
    [InlineData("explain", "--form", "--from", "GET", "/")]
    [InlineData("demo", "--listne", "--listen")]
    public void PolicyProxyCommandLine_unknown_option_suggests(string verb, string option, string meant, params string[] rest)
    {
        var run = CommandRun.Of([verb, option, .. rest]);

        Assert.Equal(2, run.ExitCode);
        Assert.Contains($"unknown option \"{option}\", did you mean \"{meant}\"?", run.Error, StringComparison.Ordinal);
        Assert.Contains($"See \"policyproxy {verb} --help\".", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void PolicyProxyCommandLine_failure_is_one_line_without_stack_trace()
    {
        var run = CommandRun.Of("check", "no-such-file.yaml");

        Assert.Equal(new CommandRun(2, string.Empty, "policyproxy: cannot read no-such-file.yaml: no such file or directory" + Environment.NewLine), run);
    }

    [Fact]
    public void PolicyProxyCommandLine_help_of_every_verb_has_examples_and_exit_codes()
    {
        foreach (var verb in Verbs().Where(v => v.Name != "version"))
        {
            var run = CommandRun.Of(verb.Name, "--help");

            Assert.Equal(0, run.ExitCode);
            Assert.Contains("Examples:", run.Out, StringComparison.Ordinal);
            Assert.Contains("Exit codes:", run.Out, StringComparison.Ordinal);
            Assert.All(verb.Options, option => Assert.Contains(option.Name, run.Out, StringComparison.Ordinal));
        }
    }

    [Fact]
    public void PolicyProxyCommandLine_reference_page_has_every_verb_option_and_alias()
    {
        var page = RepositoryFiles.Read("docs/reference/cli.md");
        foreach (var verb in Verbs())
        {
            var section = Regex.Match(page, $"^## {verb.Name}$(.*?)(^## |\\z)", RegexOptions.Multiline | RegexOptions.Singleline).Groups[1].Value;
            Assert.True(section.Length > 0, $"docs/reference/cli.md has no section {verb.Name}");
            foreach (var name in verb.Options.SelectMany(o => o.Aliases.Append(o.Name)))
            {
                Assert.True(section.Contains($"`{name}`", StringComparison.Ordinal), $"docs/reference/cli.md does not describe {name} of {verb.Name}");
            }
        }
    }

    private static IEnumerable<Command> Verbs() =>
        PolicyProxyCommandLine.Create(new CommandOutput(TextWriter.Null, TextWriter.Null, false)).Subcommands;
}
