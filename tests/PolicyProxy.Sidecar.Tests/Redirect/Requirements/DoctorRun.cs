using System.Globalization;
using System.Text.Json;

namespace PolicyProxy.Sidecar.Tests.Redirect.Requirements;

/// <summary>What the real program said in an environment made for it.</summary>
/// <param name="ExitCode">Of the program.</param>
/// <param name="States">Name of a check to its state.</param>
/// <param name="Details">Name of a check to what was found.</param>
internal sealed record DoctorRun(int ExitCode, IReadOnlyDictionary<string, string> States, IReadOnlyDictionary<string, string> Details)
{
    /// <summary>Those that stop a verb.</summary>
    public IEnumerable<string> Missing => States.Where(check => check.Value == "missing").Select(check => check.Key);

    /// <param name="preparation">A shell line in a mount namespace of its own that ends where the program's command line begins.</param>
    /// <param name="verb"><c>run</c> or <c>sidecar</c>.</param>
    public static async Task<DoctorRun> InAsync(string preparation, string verb)
    {
        var program = $"dotnet {Path.Combine(AppContext.BaseDirectory, "PolicyProxy.Sidecar.dll")}";
        // The exit code comes last, after the document.
        var script = $"{preparation} {program} doctor -o json --for {verb}; echo $?";
        var text = await Tool.RunAsync("unshare", "util-linux", "--mount", "sh", "-c", script);
        var end = text.LastIndexOf('}');
        Assert.True(end > 0, text);
        using var json = JsonDocument.Parse(text[..(end + 1)]);
        var checks = json.RootElement.GetProperty("checks").EnumerateArray().ToList();
        var exitCode = int.Parse(text.AsSpan(end + 1).Trim(), CultureInfo.InvariantCulture);
        Assert.Equal(exitCode == 0, json.RootElement.GetProperty("works").GetProperty(verb).GetBoolean());
        return new DoctorRun(exitCode, Map("state"), Map("detail"));

        Dictionary<string, string> Map(string value) => checks.ToDictionary(check => check.GetProperty("name").GetString()!, check => check.GetProperty(value).GetString()!);
    }
}
