using System.Diagnostics;
using System.Net;

namespace PolicyProxy.Samples.Tests;

/// <summary>Packs both packages, installs them into a new application outside the repository and sends it requests.</summary>
[Collection(nameof(Shell))]
public sealed class PackageTests : IDisposable
{
    private const string ListeningMarker = "Now listening on: ";

    private readonly string _folder = Directory.CreateTempSubdirectory("policyproxy-package-").FullName;

    [Fact]
    public async Task Packages_installed_into_a_new_application_enforce_a_policy()
    {
        var version = $"0.0.1-test.{DateTime.UtcNow:yyyyMMddHHmmss}";
        foreach (var project in new[] { "src/Protocols", "src/PolicyProxy" })
        {
            Check(await Shell.RunAsync(Repository.Root, "dotnet", "pack", project, "-c", "Release", "-o", Path.Combine(_folder, "feed"), $"-p:PackageVersion={version}", "--nologo"));
        }

        WriteApplication(version);
        var application = Path.Combine(_folder, "app");
        Check(await Shell.RunAsync(application, "dotnet", "build", "-c", "Release", "--nologo"));

        using var process = Process.Start(Shell.Start(application, "dotnet", "bin/Release/net10.0/app.dll", "--urls", "http://127.0.0.1:0"))!;
        try
        {
            using var client = new HttpClient { BaseAddress = await ListeningAsync(process) };
            using var allowed = await client.GetAsync(new Uri("/public", UriKind.Relative));
            using var refused = await client.GetAsync(new Uri("/private", UriKind.Relative));
            Assert.Equal((HttpStatusCode.OK, "hello\n"), (allowed.StatusCode, await allowed.Content.ReadAsStringAsync()));
            Assert.Equal((HttpStatusCode.Forbidden, "Access denied\r\n"), (refused.StatusCode, await refused.Content.ReadAsStringAsync()));
        }
        finally
        {
            process.Kill(entireProcessTree: true);
        }
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private void WriteApplication(string version)
    {
        Write("app/app.csproj", $"""
            <Project Sdk="Microsoft.NET.Sdk.Web">
              <PropertyGroup>
                <TargetFramework>net10.0</TargetFramework>
                <ImplicitUsings>enable</ImplicitUsings>
              </PropertyGroup>
              <ItemGroup>
                <PackageReference Include="PolicyProxy" Version="{version}" />
                <PackageReference Include="PolicyProxy.Protocols" Version="{version}" />
              </ItemGroup>
            </Project>
            """);
        // Packages go to a folder of this test; what the machine has already need not be fetched.
        Write("NuGet.config", $"""
            <configuration>
              <packageSources><add key="test" value="{_folder}/feed" /></packageSources>
              <config><add key="globalPackagesFolder" value="{_folder}/packages" /></config>
              <fallbackPackageFolders><add key="machine" value="{MachinePackages()}" /></fallbackPackageFolders>
            </configuration>
            """);
        Write("app/Program.cs", Repository.Read("samples/Middleware/Program.cs"));
        Write("app/policies/policy.yaml", Repository.Read("samples/Middleware/policies/policy.yaml"));
    }

    private static string MachinePackages() =>
        Environment.GetEnvironmentVariable("NUGET_PACKAGES") ??
        Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");

    private static async Task<Uri> ListeningAsync(Process process)
    {
        var lines = new List<string>();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(1));
        while (await process.StandardOutput.ReadLineAsync(limit.Token) is { } line)
        {
            lines.Add(line);
            var at = line.IndexOf(ListeningMarker, StringComparison.Ordinal);
            if (at >= 0)
            {
                return new Uri(line[(at + ListeningMarker.Length)..].Trim());
            }
        }

        throw new InvalidOperationException("The application did not start:\n" + string.Join('\n', lines) + await process.StandardError.ReadToEndAsync(limit.Token));
    }

    private static void Check(ShellResult result) => Assert.True(result.ExitCode == 0, result.ToString());

    private void Write(string path, string content)
    {
        var file = Path.Combine(_folder, path);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, content);
    }
}
