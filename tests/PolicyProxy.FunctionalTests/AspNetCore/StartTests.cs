using Microsoft.AspNetCore.Builder;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;
using PolicyProxy.DependencyInjection;
using PolicyProxy.FunctionalTests.Doors;

namespace PolicyProxy.FunctionalTests.AspNetCore;

/// <summary>A host with bad policies or settings does not start, and says everything that is wrong.</summary>
public sealed class StartTests
{
    [Fact]
    public async Task Bad_policies_fail_the_start_with_all_problems_one_a_line()
    {
        var setup = new DoorSetup { Texts = [ShopPolicies.Allow("""{path: "/("}"""), ShopPolicies.Allow("{colour: red}")] };

        var error = await Assert.ThrowsAsync<PolicyLoadException>(() => MiddlewareHost.StartAsync(setup));

        var lines = error.Message.Split(Environment.NewLine);
        Assert.Equal(error.Diagnostics.Count + 1, lines.Length);
        Assert.Contains(lines, static line => line.StartsWith("0.yaml:", StringComparison.Ordinal));
        Assert.Contains(lines, static line => line.StartsWith("1.yaml:", StringComparison.Ordinal));
    }

    [Fact]
    public async Task No_source_fails_the_start()
    {
        await using var services = new ServiceCollection().AddLogging().AddPolicyProxy().Services.BuildServiceProvider();

        var loader = services.GetServices<Microsoft.Extensions.Hosting.IHostedService>().OfType<PolicyLoader>().Single();

        await Assert.ThrowsAsync<PolicyLoadException>(() => loader.StartingAsync(CancellationToken.None));
    }

    [Fact]
    public async Task Bad_settings_fail_the_start_with_all_problems()
    {
        var setup = ShopPolicies.Setup("{}") with
        {
            Options = static options =>
            {
                options.PolicyPort = 70_000;
                options.DenyMessage = "two\nlines";
                options.NamedPorts["http"] = 0;
                options.Labels = "=x";
            },
        };

        var error = await Assert.ThrowsAsync<OptionsValidationException>(() => MiddlewareHost.StartAsync(setup));

        Assert.Contains("PolicyPort", error.Message, StringComparison.Ordinal);
        Assert.Contains("DenyMessage", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void UsePolicyProxy_without_its_services_says_what_is_missing()
    {
        var app = new ApplicationBuilder(new ServiceCollection().BuildServiceProvider());

        var error = Assert.Throws<InvalidOperationException>(() => app.UsePolicyProxy());

        Assert.Contains("AddPolicyProxy", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Policy_files_are_read_and_read_again_when_they_change()
    {
        var folder = Directory.CreateTempSubdirectory();
        try
        {
            var file = Path.Combine(folder.FullName, "policy.yaml");
            await File.WriteAllTextAsync(file, ShopPolicies.Allow("""{path: "/a"}"""));
            await File.WriteAllTextAsync(Path.Combine(folder.FullName, "pods.yaml"), ShopPolicies.Inventory);
            await using var door = await MiddlewareHost.StartAsync(
                new DoorSetup { Texts = [], SubjectLabels = "app=api" }, services: builder => builder.Services.AddPolicyProxy().FromFiles(folder.FullName));
            var engine = door.Services.GetRequiredService<Gate.PolicyEngine>();
            var reloaded = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            engine.Compiled += (_, _) => reloaded.TrySetResult();

            var before = await TestKit.Http.RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/b").Wire, ShopPolicies.Client);
            await File.WriteAllTextAsync(file, ShopPolicies.Allow("""{path: "/b"}"""));
            await reloaded.Task.WaitAsync(TimeSpan.FromSeconds(60));
            var after = await TestKit.Http.RawHttpConnection.SendAsync(door.Address, ShopPolicies.Get("/b").Wire, ShopPolicies.Client);

            Assert.Equal([403, 200], [before.Status, after.Status]);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
