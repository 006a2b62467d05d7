using System.Diagnostics;
using PolicyProxy.Policy;
using PolicyProxy.Policy.Sources;

namespace PolicyProxy.Tests.Policy.Sources;

public sealed class FilePolicySourceTests : IDisposable
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    /// <summary>Polling so rare that only file events can explain a change within the patience of the test.</summary>
    private static readonly FilePolicySourceOptions s_eventsOnly = new() { Debounce = TimeSpan.FromMilliseconds(20), PollInterval = TimeSpan.FromHours(1) };

    private static readonly FilePolicySourceOptions s_pollingOnly = new() { UseFileEvents = false, PollInterval = TimeSpan.FromMilliseconds(50) };

    private readonly string _directory = Directory.CreateTempSubdirectory("policies").FullName;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void FilePolicySource_directory_tree_is_read_in_ordinal_order_without_hidden_and_foreign_files()
    {
        Write("b.yaml", Policy("b"));
        Write("a/z.json", """{"apiVersion": "cilium.io/v2", "kind": "CiliumNetworkPolicy", "metadata": {"name": "json"}, "spec": {"endpointSelector": {}, "ingress": [{}]}}""");
        Write("a/y.yml", Policy("yml"));
        Write("notes.txt", "not: [yaml");
        Write(".hidden.yaml", Policy("hidden"));
        Write(".git/c.yaml", Policy("git"));
        using var source = new FilePolicySource(_directory);

        var input = source.GetPolicies();

        Assert.Empty(input.Diagnostics);
        Assert.Equal(["yml", "json", "b"], input.Objects.Policies.Select(static p => p.Name));
        Assert.Equal(Path.Combine(_directory, "a/y.yml"), input.Objects.Policies[0].Span.File);
        Assert.Matches("^[0-9a-f]{64}$", input.RevisionId);
    }

    [Fact]
    public async Task FilePolicySource_rewritten_file_signals_and_reads_the_new_content()
    {
        var file = Write("p.yaml", Policy("one"));
        using var source = new FilePolicySource(file, s_eventsOnly);
        var before = source.GetPolicies();
        var changed = Changed(before);

        Write("p.yaml", Policy("two"));

        await changed.WaitAsync(s_patience);
        var after = source.GetPolicies();
        Assert.Equal("two", Assert.Single(after.Objects.Policies).Name);
        Assert.NotEqual(before.RevisionId, after.RevisionId);
    }

    [Fact]
    public async Task FilePolicySource_file_added_to_a_directory_signals()
    {
        Write("one.yaml", Policy("one"));
        using var source = new FilePolicySource(_directory, s_eventsOnly);
        var changed = Changed(source.GetPolicies());

        Write("sub/two.yaml", Policy("two"));

        await changed.WaitAsync(s_patience);
        Assert.Equal(2, source.GetPolicies().Objects.Policies.Count);
    }

    [Fact]
    public async Task FilePolicySource_ConfigMap_link_swap_signals()
    {
        Write("..v1/p.yaml", Policy("one"));
        Directory.CreateSymbolicLink(PathOf("..data"), "..v1");
        File.CreateSymbolicLink(PathOf("p.yaml"), "..data/p.yaml");
        using var source = new FilePolicySource(_directory, s_eventsOnly);
        var before = source.GetPolicies();
        Assert.Equal("one", Assert.Single(before.Objects.Policies).Name);
        var changed = Changed(before);

        Write("..v2/p.yaml", Policy("two"));
        Directory.CreateSymbolicLink(PathOf("..data_tmp"), "..v2");
        using (var rename = Process.Start("mv", ["-T", PathOf("..data_tmp"), PathOf("..data")]))
        {
            // rename(2) over the link, as the kubelet does; File.Move refuses links to directories.
            await rename.WaitForExitAsync();
            Assert.Equal(0, rename.ExitCode);
        }

        await changed.WaitAsync(s_patience);
        Assert.Equal("two", Assert.Single(source.GetPolicies().Objects.Policies).Name);
    }

    [Fact]
    public async Task FilePolicySource_without_file_events_polling_signals()
    {
        var file = Write("p.yaml", Policy("one"));
        using var source = new FilePolicySource(file, s_pollingOnly);
        var changed = Changed(source.GetPolicies());

        Write("p.yaml", Policy("two"));

        await changed.WaitAsync(s_patience);
        Assert.Equal("two", Assert.Single(source.GetPolicies().Objects.Policies).Name);
    }

    [Fact]
    public async Task FilePolicySource_missing_path_is_a_diagnostic_until_it_appears()
    {
        var path = PathOf("later/p.yaml");
        using var source = new FilePolicySource(path, s_pollingOnly);

        var missing = source.GetPolicies();
        var changed = Changed(missing);
        Assert.Equal($"{path}: error PP1012: the file or directory does not exist. Fix: check the path", Assert.Single(missing.Diagnostics).ToString());
        Assert.Empty(missing.Objects.Policies);

        Write("later/p.yaml", Policy("one"));

        await changed.WaitAsync(s_patience);
        var found = source.GetPolicies();
        Assert.Empty(found.Diagnostics);
        Assert.Single(found.Objects.Policies);
    }

    [Fact]
    public void FilePolicySource_touched_but_equal_file_keeps_its_revision()
    {
        var file = Write("p.yaml", Policy("one"));
        using var source = new FilePolicySource(file);
        var before = source.GetPolicies().RevisionId;

        Write("p.yaml", Policy("one"));

        Assert.Equal(before, source.GetPolicies().RevisionId);
    }

    [Fact]
    public void FilePolicySource_bytes_that_are_not_utf8_are_a_diagnostic_and_hide_nothing_else()
    {
        Write("a.yaml", Policy("one"));
        File.WriteAllBytes(PathOf("b.yaml"), [0x61, 0x3A, 0x20, 0xFF]);
        using var source = new FilePolicySource(_directory);

        var input = source.GetPolicies();

        Assert.Equal(PolicyDiagnosticIds.InvalidEncoding, Assert.Single(input.Diagnostics).Id);
        Assert.Single(input.Objects.Policies);
    }

    [Fact]
    public void FilePolicySource_directory_without_policy_files_warns()
    {
        using var source = new FilePolicySource(_directory);

        var warning = Assert.Single(source.GetPolicies().Diagnostics);

        Assert.Equal((PolicyDiagnosticIds.SourceUnreadable, DiagnosticSeverity.Warning), (warning.Id, warning.Severity));
    }

    [Fact]
    public void FilePolicySource_directory_link_in_a_circle_ends()
    {
        Write("sub/p.yaml", Policy("one"));
        Directory.CreateSymbolicLink(PathOf("sub/up"), _directory);
        using var source = new FilePolicySource(_directory);

        Assert.Single(source.GetPolicies().Objects.Policies);
    }

    [Fact]
    public void FilePolicySource_more_files_than_the_limit_reads_none()
    {
        Write("a.yaml", Policy("one"));
        Write("b.yaml", Policy("two"));
        using var source = new FilePolicySource(_directory, new FilePolicySourceOptions { MaxFiles = 1 });

        var input = source.GetPolicies();

        Assert.Equal(PolicyDiagnosticIds.LimitExceeded, Assert.Single(input.Diagnostics).Id);
        Assert.Empty(input.Objects.Policies);
    }

    [Fact]
    public async Task FilePolicySource_reloads_a_hundred_times_without_losing_the_last()
    {
        var file = Write("p.yaml", Policy("p0"));
        using var source = new FilePolicySource(file, s_eventsOnly with { PollInterval = TimeSpan.FromMilliseconds(100) });
        var input = source.GetPolicies();
        for (var i = 1; i <= 100; i++)
        {
            Write("p.yaml", Policy($"p{i}"));
        }

        using var patience = new CancellationTokenSource(s_patience);
        while (input.Objects.Policies is not [{ Name: "p100" }])
        {
            await Changed(input).WaitAsync(patience.Token);
            input = source.GetPolicies();
        }
    }

    private static Task Changed(PolicyInput input)
    {
        var signalled = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        input.ChangeToken.RegisterChangeCallback(static s => ((TaskCompletionSource)s!).TrySetResult(), signalled);
        return signalled.Task;
    }

    private static string Policy(string name) =>
        $"apiVersion: cilium.io/v2\nkind: CiliumNetworkPolicy\nmetadata: {{name: {name}}}\nspec: {{endpointSelector: {{}}, ingress: [{{}}]}}\n";

    private string PathOf(string name) => Path.Combine(_directory, name);

    private string Write(string name, string text)
    {
        var path = PathOf(name);
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }
}
