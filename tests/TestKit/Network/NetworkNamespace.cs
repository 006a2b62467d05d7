using System.Diagnostics;
using System.Runtime.InteropServices;

namespace PolicyProxy.TestKit.Network;

/// <summary>A network namespace of the tests' own, with loopback up. Disposing removes it and the devices in it.</summary>
internal sealed partial class NetworkNamespace : IDisposable
{
    private const int CLONE_NEWNET = 0x40000000;

    private NetworkNamespace(string name) => Name = name;

    public string Name { get; }

    public string Path => $"/run/netns/{Name}";

    public static NetworkNamespace Create(string name)
    {
        Ip("netns", "add", name);
        var created = new NetworkNamespace(name);
        created.IpInside("link", "set", "lo", "up");
        return created;
    }

    /// <summary>Runs <c>ip</c> in this process' namespace.</summary>
    public static void Ip(params string[] arguments) => Execute("ip", arguments);

    /// <summary>Runs <c>ip</c> inside.</summary>
    public void IpInside(params string[] arguments) => Execute("ip", ["-n", Name, .. arguments]);

    /// <summary>Writes a setting of the namespace, a file below <c>/proc/sys/net</c>.</summary>
    public void Set(string file, string value) => Run(() =>
    {
        File.WriteAllText(file, value);
        return true;
    });

    /// <summary>Runs code on a thread that is inside; sockets it makes stay inside.</summary>
    public T Run<T>(Func<T> action)
    {
        T result = default!;
        Exception? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                Enter();
                result = action();
            }
            catch (Exception error)
            {
                failure = error;
            }
        });
        thread.Start();
        thread.Join();
        return failure is null ? result : throw new InvalidOperationException($"in namespace {Name}: {failure.Message}", failure);
    }

    public void Dispose() => Ip("netns", "del", Name);

    /// <summary>Runs a program; its complaints become the exception's text.</summary>
    public static void Execute(string program, IEnumerable<string> arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardError = true, RedirectStandardOutput = true })!;
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)}: {errors}{output.Result}");
        }
    }

    private void Enter()
    {
        using var file = File.OpenHandle(Path);
        if (setns((int)file.DangerousGetHandle(), CLONE_NEWNET) != 0)
        {
            throw new InvalidOperationException($"setns: {Marshal.GetLastPInvokeErrorMessage()}");
        }
    }

    [LibraryImport("libc", SetLastError = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static partial int setns(int descriptor, int type);
}
