using System.Diagnostics;
using System.Globalization;
using PolicyProxy.Redirect.Tests.Run;
using PolicyProxy.TestKit.Network;

namespace PolicyProxy.Redirect.Tests.Sidecar;

/// <summary>Frames that a workload writes itself, past every socket that is judged, leave through none of the pod's devices.</summary>
[Collection(SidecarCollection.Name)]
public sealed class DeviceTests : IAsyncLifetime
{
    private const int Confined = 0x88b5;
    private const int Free = 0x88b6;
    // The kernel says ENOBUFS for a frame that was dropped on its way out.
    private const string Frame = """
        import errno, socket, sys
        s = socket.socket(socket.AF_PACKET, socket.SOCK_RAW)
        for device in sys.argv[2:]:
            s.bind((device, 0))
            try:
                s.send(b"\xff" * 12 + int(sys.argv[1]).to_bytes(2, "big") + b"x" * 46)
                print("sent", end=" ")
            except OSError as error: print(errno.errorcode[error.errno], end=" ")
        """;

    private static readonly TimeSpan s_limit = TimeSpan.FromSeconds(30);

    private readonly NetworkNamespace _pod = NetworkNamespace.Create($"pp{Environment.ProcessId:x}dev");
    private readonly List<WorldNetwork> _cables = [];
    private readonly List<PacketLog> _logs = [];
    private RunningSidecar _sidecar = null!;
    private int _markers;

    public async Task InitializeAsync()
    {
        for (var cable = 0; cable < 2; cable++)
        {
            _cables.Add(new WorldNetwork(_pod));
            _logs.Add(new PacketLog(_cables[cable].Namespace));
        }

        _sidecar = await RunningSidecar.StartAsync(Policies.Egress("- toEntities: [all]"), _pod, "--pod");
    }

    public async Task DisposeAsync()
    {
        await _sidecar.DisposeAsync();
        _logs.ForEach(static log => log.Dispose());
        _cables.ForEach(static cable => cable.Dispose());
        _pod.Dispose();
    }

    [Fact]
    public async Task Frames_of_the_workload_leave_through_no_device_until_it_is_detached()
    {
        Assert.Equal(2, Directory.GetFiles(_sidecar.Pins, "device_*").Length);
        Assert.Equal([0, 0], await SendAsync("ENOBUFS ENOBUFS"));

        await _sidecar.KillAsync();
        Assert.Equal([0, 0], await SendAsync("ENOBUFS ENOBUFS"));

        await _sidecar.StartAsync();
        Assert.Equal([0, 0], await SendAsync("ENOBUFS ENOBUFS"));

        NetworkNamespace.Execute("dotnet", [ConfinedCommand.Program, "detach", _sidecar.Instance, "--force"]);
        Directory.CreateDirectory(Path.Combine(_sidecar.Cgroup, "workload"));
        Assert.Equal([1, 1], await SendAsync("sent sent"));
    }

    // Frames of the workload that have arrived at the other end of each cable, up to one sent after them by somebody else.
    private async Task<IEnumerable<int>> SendAsync(string said)
    {
        var devices = _cables.Select(static cable => cable.Device).ToArray();
        Assert.Equal(said, await _sidecar.RunAsync(["python3", "-c", Frame, $"{Confined}", .. devices]));
        Assert.Equal("sent sent", await Outside.RunAsync(_pod, ["python3", "-c", Frame, $"{Free}", .. devices]));
        _markers++;
        var since = Stopwatch.GetTimestamp();
        while (_logs.Exists(log => Count(log, Free) < _markers))
        {
            Assert.True(Stopwatch.GetElapsedTime(since) < s_limit, "frames of others do not arrive");
            await Task.Yield();
        }

        return _logs.Select(static log => Count(log, Confined));
    }

    private static int Count(PacketLog log, int type) => log.Seen.GetValueOrDefault(string.Create(CultureInfo.InvariantCulture, $"ethertype {type:x4}"));
}
