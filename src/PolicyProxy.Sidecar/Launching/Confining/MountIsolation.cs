using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>
/// Gives this thread, and whatever it becomes, mounts of its own in which the kernel's control files are read-only. Without CAP_SYS_ADMIN
/// nobody can change that; a user namespace inherits the mounts locked.
/// </summary>
internal static unsafe class MountIsolation
{
    private static readonly HashSet<string> s_readOnly =
    [
        "cgroup2", // leaving the cgroup is leaving policy
        "bpf", // pins: removing one detaches a program
        "cgroup", // v1 release_agent: a program the kernel runs outside
        "sysfs", // uevent_helper: likewise
        "debugfs", // anything
        "tracefs", // probes in other processes
        "binfmt_misc", // an interpreter that others would run
    ];

    // core_pattern, modprobe and poweroff_cmd name programs the kernel runs as root, outside; writing them takes no capability, only root.
    private static readonly string[] s_controls = ["sys", "sysrq-trigger"];

    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public static void Apply()
    {
        if (ProcessCalls.unshare(ProcessCalls.CLONE_NEWNS) != 0)
        {
            throw new EnforcementException($"cannot make a mount namespace: {ErrorText.Last}; policyproxy run needs CAP_SYS_ADMIN");
        }

        // Private and not slave: a cgroup file system mounted later outside would arrive here writable.
        if (ProcessCalls.mount(null, "/", null, ProcessCalls.MS_REC | ProcessCalls.MS_PRIVATE, null) != 0)
        {
            throw new EnforcementException($"cannot separate the mounts from those outside: {ErrorText.Last}");
        }

        foreach (var mount in MountEntry.ReadAll())
        {
            if (s_readOnly.Contains(mount.FileSystem))
            {
                SetReadOnly(mount.Point, recursive: false);
            }
            else if (mount.FileSystem == "proc" && mount.Root == "/")
            {
                foreach (var control in s_controls)
                {
                    Cover(Path.Combine(mount.Point, control));
                }
            }
        }
    }

    private static void Cover(string path)
    {
        // Of a proc mount that another one covers, the path leads into that one, which has its own turn.
        if (!Path.Exists(path))
        {
            return;
        }

        if (ProcessCalls.mount(path, path, null, ProcessCalls.MS_BIND | ProcessCalls.MS_REC, null) != 0)
        {
            throw new EnforcementException($"cannot cover {path}: {ErrorText.Last}");
        }

        SetReadOnly(path, recursive: true);
    }

    private static void SetReadOnly(string point, bool recursive)
    {
        // struct mount_attr: attr_set, attr_clr, propagation, userns_fd
        var attributes = stackalloc ulong[4] { ProcessCalls.MOUNT_ATTR_RDONLY, 0, 0, 0 };
        var path = Marshal.StringToCoTaskMemUTF8(point);
        try
        {
            var flags = recursive ? ProcessCalls.AT_RECURSIVE : 0;
            if (ProcessCalls.syscall(ProcessCalls.SYS_mount_setattr, ProcessCalls.AT_FDCWD, path, flags, (nint)attributes, 4 * sizeof(ulong)) == 0)
            {
                return;
            }
        }
        finally
        {
            Marshal.FreeCoTaskMem(path);
        }

        // A mount that another one covers cannot be reached by its path, by nobody.
        var error = Marshal.GetLastPInvokeError();
        if (error is not (ProcessCalls.EINVAL or ProcessCalls.ENOENT))
        {
            throw new EnforcementException($"cannot make {point} read-only: {ErrorText.Of(error)}; policyproxy run needs Linux 5.12 and CAP_SYS_ADMIN");
        }
    }
}
