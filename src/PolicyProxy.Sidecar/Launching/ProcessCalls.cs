using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>
/// The Linux calls that start and confine a command (man 2). A negative result means an error, whose number is
/// <see cref="Marshal.GetLastPInvokeError"/>; the posix_spawn family returns the number itself.
/// </summary>
internal static unsafe partial class ProcessCalls
{
    public const int EPERM = 1;
    public const int ENOENT = 2;
    public const int EINTR = 4;
    public const int EINVAL = 22;
    public const int ENOSYS = 38;
    public const int EAFNOSUPPORT = 97;

    public const int SIGHUP = 1;
    public const int SIGINT = 2;
    public const int SIGQUIT = 3;
    public const int SIGKILL = 9;
    public const int SIGUSR1 = 10;
    public const int SIGUSR2 = 12;
    public const int SIGPIPE = 13;
    public const int SIGTERM = 15;
    public const int SIGCONT = 18;
    public const int SIGSTOP = 19;
    public const int SIGTTOU = 22;
    public const int SIGWINCH = 28;
    public const nint SIG_DFL = 0;
    public const nint SIG_IGN = 1;
    public const int SIG_SETMASK = 2;

    /// <summary>Bytes of <c>sigset_t</c>; glibc's 1,024 bits are the largest.</summary>
    public const int SignalSetBytes = 128;

    public const int F_SETFD = 2;
    public const int WUNTRACED = 2;
    public const int CLONE_NEWNS = 0x20000;
    public const ulong MS_BIND = 0x1000;
    public const ulong MS_REC = 0x4000;
    public const ulong MS_PRIVATE = 1 << 18;
    public const int AT_FDCWD = -100;
    public const int AT_EMPTY_PATH = 0x1000;
    public const int AT_RECURSIVE = 0x8000;
    public const ulong MOUNT_ATTR_RDONLY = 1;
    public const int PR_CAPBSET_READ = 23;
    public const int PR_CAPBSET_DROP = 24;
    public const int PR_SET_SECCOMP = 22;
    public const int PR_CAP_AMBIENT = 47;
    public const int PR_CAP_AMBIENT_CLEAR_ALL = 4;
    public const int SECCOMP_MODE_FILTER = 2;
    public const int CLOSE_RANGE_CLOEXEC = 4;

    // Since 5.1 new calls have one number on every architecture.
    public const nint SYS_pidfd_send_signal = 424;
    public const nint SYS_pidfd_open = 434;
    public const nint SYS_close_range = 436;
    public const nint SYS_mount_setattr = 442;

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint syscall(nint number, nint a, nint b, nint c, nint d, nint e);

    [LibraryImport("libc")]
    public static partial int posix_spawn(int* pid, byte* path, void* actions, void* attributes, byte** arguments, byte** environment);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int pipe2(int* ends, int flags);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int fcntl(int descriptor, int command, nint argument);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int waitpid(int pid, int* status, int options);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int kill(int pid, int signal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setsid();

    [LibraryImport("libc")]
    public static partial int getpgrp();

    [LibraryImport("libc", SetLastError = true)]
    public static partial int getpgid(int pid);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int tcgetpgrp(int terminal);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int tcsetpgrp(int terminal, int group);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint signal(int number, nint handler);

    [LibraryImport("libc")]
    public static partial int pthread_sigmask(int how, byte* set, byte* old);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int unshare(int flags);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mount(string? source, string target, string? type, ulong flags, void* data);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int prctl(int option, nuint a, nuint b, nuint c, nuint d);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int capget(uint* header, uint* sets);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int capset(uint* header, uint* sets);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setgroups(nint count, uint* groups);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresgid(uint real, uint effective, uint saved);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int setresuid(uint real, uint effective, uint saved);

    [LibraryImport("libc", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int getpwnam_r(string name, PasswordEntry* entry, byte* text, nint bytes, PasswordEntry** found);

    [LibraryImport("libc")]
    public static partial int getpwuid_r(uint user, PasswordEntry* entry, byte* text, nint bytes, PasswordEntry** found);

    [LibraryImport("libc")]
    public static partial int getgrouplist(byte* name, uint group, uint* groups, int* count);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int setenv(string name, string value, int overwrite);

    [LibraryImport("libc", SetLastError = true)]
    public static partial int execvp(byte* file, byte** arguments);

    [LibraryImport("libc", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int statx(int directory, string path, int flags, uint mask, byte* result);

    [LibraryImport("libc", SetLastError = true)]
    public static partial nint sendto(int socket, byte* buffer, nint length, int flags, byte* address, uint addressBytes);
}

/// <summary><c>struct passwd</c> of 64-bit Linux.</summary>
[StructLayout(LayoutKind.Sequential)]
internal unsafe struct PasswordEntry
{
    public byte* Name;
    public byte* Password;
    public uint User;
    public uint Group;
    public byte* Description;
    public byte* Home;
    public byte* Shell;
}
