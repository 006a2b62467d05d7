using Xunit.Abstractions;

namespace PolicyProxy.Architecture.Tests.Sources;

/// <summary>Compares src with tests folder by folder. The list of files without a test of their own is a report, not a failure.</summary>
public sealed class MirrorTests(ITestOutputHelper output)
{
    private static readonly (string Source, string[] Tests)[] s_pairs =
    [
        ("src/Protocols", ["tests/Protocols.Tests"]),
        ("src/PolicyProxy", ["tests/PolicyProxy.Tests"]),
        ("src/PolicyProxy.Sidecar", ["tests/PolicyProxy.Sidecar.Tests", "tests/PolicyProxy.FunctionalTests"]),
    ];

    [Fact]
    public void Every_source_project_has_tests_and_the_report_names_files_without_one()
    {
        foreach (var (source, tests) in s_pairs)
        {
            var tested = tests.SelectMany(folder => Repository.Files(folder, "*Tests.cs")).Select(path => Path.GetFileName(path)).ToHashSet(StringComparer.Ordinal);
            var files = Repository.Files(source, "*.cs").Select(path => Path.GetFileNameWithoutExtension(path)).ToList();
            var missing = files.Where(name => !tested.Contains(name + "Tests.cs")).ToList();
            output.WriteLine($"{source}: {files.Count - missing.Count} of {files.Count} files have a test file; none for: {string.Join(", ", missing)}");
            Assert.True(tested.Count > 0, $"{source} has no test file");
        }
    }
}
