using System.Collections.Concurrent;
using System.Diagnostics;
using System.Globalization;
using System.Security.Cryptography;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>The real program, <c>policyproxy sidecar --transparent</c>, with an instance of its own. Disposing ends it, its workload and its pins.</summary>
internal sealed class RunningSidecar : IAsyncDisposable
{
    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(60);

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory();
    private readonly NetworkNamespace? _where;
    private readonly string[] _options;
    private readonly List<Workload> _workloads = [];
    private ConcurrentQueue<string> _errors = new();
    private Process? _process;

    private RunningSidecar(string policy, NetworkNamespace? where, string[] options)
    {
        _where = where;
        _options = options;
        SetPolicy(policy);
    }

    public string Instance { get; private init; } = "test-" + RandomNumberGenerator.GetHexString(8, lowercase: true);

    public string Pins => $"/sys/fs/bpf/policyproxy/{Instance}/v1";

    public string Cgroup => Path.Combine(CgroupMount.Find().Point, "policyproxy", Instance);

    public int ProcessId => _process!.Id;

    /// <summary>What it has written on stderr since its last start.</summary>
    public string Errors => string.Join('\n', _errors);

    /// <summary>The process that serves, if this one supervises it.</summary>
    public int Worker => Directory.GetDirectories($"/proc/{_process!.Id}/task")
        .SelectMany(static task => File.ReadAllText($"{task}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        .Select(static id => int.Parse(id, CultureInfo.InvariantCulture)).Distinct().Single();

    private string PolicyFile => Path.Combine(_folder.FullName, "policy.yaml");

    /// <summary>Starts one and waits until it says that it is ready.</summary>
    public static async Task<RunningSidecar> StartAsync(string policy, NetworkNamespace? where = null, params string[] options)
    {
        var sidecar = new RunningSidecar(policy, where, options);
        try
        {
            await sidecar.StartAsync();
            return sidecar;
        }
        catch
        {
            await sidecar.DisposeAsync();
            throw;
        }
    }

    /// <summary>Starts one for an instance that another process has left, and waits until it says that it is ready.</summary>
    public static async Task<RunningSidecar> AdoptAsync(string instance, string policy, params string[] options)
    {
        var sidecar = new RunningSidecar(policy, null, options) { Instance = instance };
        await sidecar.StartAsync();
        return sidecar;
    }

    /// <summary>Starts it again, with the same instance and further options.</summary>
    public async Task StartAsync(params string[] more)
    {
        var errors = new ConcurrentQueue<string>();
        var ready = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        string[] program = [.. ConfinedCommand.Command, "sidecar", "--transparent", "--instance", Instance, "-p", PolicyFile, "--labels", "app=work", "--flows", "none", "--drain-timeout", "1", .. _options, .. more];
        _errors = errors;
        _process = Process.Start(Inside(program))!;
        _process.ErrorDataReceived += (_, line) =>
        {
            if (line.Data is null)
            {
                ready.TrySetException(new InvalidOperationException("the sidecar ended: " + string.Join('\n', errors)));
                return;
            }

            errors.Enqueue(line.Data);
            if (IsStart(line.Data))
            {
                ready.TrySetResult();
            }
        };
        _process.BeginErrorReadLine();
        await ready.Task.WaitAsync(s_limit);
    }

    /// <summary>Starts another process beside the one that serves, waits until it serves, and gives the exit code of the one before.</summary>
    public async Task<int> UpgradeAsync()
    {
        using var before = _process!;
        await StartAsync();
        await before.WaitForExitAsync().WaitAsync(s_limit);
        return before.ExitCode;
    }

    /// <summary>Kills the worker of a sidecar that supervises one, and waits until the next one serves; gives how long that took.</summary>
    public TimeSpan KillWorker()
    {
        var starts = Starts();
        var start = Stopwatch.GetTimestamp();
        Assert.Equal(0, ProcessCalls.kill(Worker, 9));
        Assert.True(SpinWait.SpinUntil(() => Starts() > starts, s_limit), Errors);
        return Stopwatch.GetElapsedTime(start);
    }

    /// <summary>Replaces the policy file, which the sidecar follows.</summary>
    public void SetPolicy(string policy)
    {
        var next = Path.Combine(_folder.FullName, "next");
        File.WriteAllText(next, policy);
        File.Move(next, PolicyFile, overwrite: true);
    }

    /// <summary>SIGKILL, in the middle of whatever it does.</summary>
    public async Task KillAsync()
    {
        _process!.Kill();
        await _process.WaitForExitAsync().WaitAsync(s_limit);
    }

    /// <summary>SIGTERM; gives the exit code.</summary>
    public async Task<int> StopAsync()
    {
        _ = ProcessCalls.kill(_process!.Id, 15);
        await _process.WaitForExitAsync().WaitAsync(s_limit);
        return _process.ExitCode;
    }

    /// <summary>Starts a program in the workload's cgroup.</summary>
    public Workload Start(params string[] command)
    {
        var start = Inside(["sh", "-c", "echo 0 > \"$0/cgroup.procs\" && exec \"$@\"", Path.Combine(Cgroup, "workload"), .. command]);
        start.RedirectStandardOutput = true;
        var workload = new Workload(Process.Start(start)!);
        _workloads.Add(workload);
        return workload;
    }

    /// <summary>Runs a program in the workload's cgroup to its end and gives all its output, trimmed.</summary>
    public Task<string> RunAsync(params string[] command) => Start(command).ReadToEndAsync();

    public async ValueTask DisposeAsync()
    {
        if (_process is { HasExited: false })
        {
            await KillAsync();
        }

        _workloads.ForEach(static workload => workload.Dispose());
        NetworkNamespace.Execute("dotnet", [ConfinedCommand.Program, "detach", Instance, "--kill", "--force"]);
        _process?.Dispose();
        _folder.Delete(recursive: true);
    }

    private static bool IsStart(string line) => line.StartsWith("policyproxy: redirecting to ports", StringComparison.Ordinal);

    private int Starts() => _errors.Count(IsStart);

    // Not ip netns exec: it mounts another /sys, without cgroups and pins.
    private ProcessStartInfo Inside(string[] command)
    {
        string[] all = _where is null ? command : ["nsenter", $"--net={_where.Path}", .. command];
        return new ProcessStartInfo(all[0], all[1..]) { RedirectStandardError = true, WorkingDirectory = "/tmp" };
    }
}
