using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>One instruction of classic BPF (<c>struct sock_filter</c>).</summary>
[StructLayout(LayoutKind.Sequential)]
internal readonly record struct FilterInstruction(ushort Code, byte IfTrue, byte IfFalse, uint Operand);

/// <summary>
/// The system calls a confined command may not make, as a seccomp filter. It closes what hooks of cgroups do not see: other socket
/// families, calls io_uring makes behind the filter's back, and hands on BPF objects that are pinned in a file system.
/// </summary>
internal static class SeccompProgram
{
    private const ushort LoadWord = 0x20; // BPF_LD | BPF_W | BPF_ABS
    private const ushort JumpIfEqual = 0x15; // BPF_JMP | BPF_JEQ | BPF_K
    private const ushort JumpIfAtLeast = 0x35; // BPF_JMP | BPF_JGE | BPF_K
    private const ushort Return = 0x06; // BPF_RET | BPF_K

    // struct seccomp_data; of the 64-bit arguments the lower half, which is all the kernel reads of an int. Both machines are little-endian.
    private const uint NumberOffset = 0;
    private const uint ArchitectureOffset = 4;
    private const uint FirstArgumentOffset = 16;
    private const uint SecondArgumentOffset = 24;

    private const uint Allow = 0x7fff_0000;
    private const uint RefuseWith = 0x0005_0000;
    private const uint X32Bit = 0x4000_0000;

    private const uint InjectInput = 0x5412; // TIOCSTI
    private const uint ConsoleSubcommand = 0x541C; // TIOCLINUX: pastes into a console

    private static readonly uint[] s_families = [1, 2, 10, 16]; // AF_UNIX, AF_INET, AF_INET6, AF_NETLINK

    /// <summary>The filter for one machine.</summary>
    /// <exception cref="EnforcementException">There is none for it.</exception>
    public static FilterInstruction[] For(Architecture machine) => machine switch
    {
        Architecture.X64 => Build(new Numbers(0xC000_003E, 41, 53, 16, 321, 249)),
        Architecture.Arm64 => Build(new Numbers(0xC000_00B7, 198, 199, 29, 280, 218)),
        _ => throw new EnforcementException($"there is no system call filter for {machine}: policyproxy run works on x86-64 and arm64"),
    };

    private static FilterInstruction[] Build(Numbers numbers)
    {
        var program = new List<FilterInstruction>
        {
            // 1. Programs of another architecture have other numbers for the same calls: none of them works.
            new(LoadWord, 0, 0, ArchitectureOffset),
            new(JumpIfEqual, 1, 0, numbers.Architecture),
            new(Return, 0, 0, RefuseWith | ProcessCalls.ENOSYS),
            new(LoadWord, 0, 0, NumberOffset),
            new(JumpIfAtLeast, 0, 1, X32Bit),
            new(Return, 0, 0, RefuseWith | ProcessCalls.ENOSYS),
        };

        // 2. io_uring makes sockets without socket(2), and for request_key the kernel starts a program outside, as root, that may resolve a
        // name the caller chose. Programs fall back when they are not there.
        foreach (var call in numbers.InputOutputRings.Append(numbers.RequestKey))
        {
            program.Add(new(JumpIfEqual, 0, 1, call));
            program.Add(new(Return, 0, 0, RefuseWith | ProcessCalls.ENOSYS));
        }

        // 3. BPF_OBJ_GET and BPF_LINK_DETACH ask for no capability: root could open a pinned link and detach it.
        program.Add(new(JumpIfEqual, 0, 1, numbers.Bpf));
        program.Add(new(Return, 0, 0, RefuseWith | ProcessCalls.EPERM));

        // 4. What the terminal shares with the shell outside: typing a command there would run it outside.
        program.Add(new(JumpIfEqual, 0, 5, numbers.Ioctl));
        program.Add(new(LoadWord, 0, 0, SecondArgumentOffset));
        program.Add(new(JumpIfEqual, 1, 0, InjectInput));
        program.Add(new(JumpIfEqual, 0, 1, ConsoleSubcommand));
        program.Add(new(Return, 0, 0, RefuseWith | ProcessCalls.EPERM));
        program.Add(new(Return, 0, 0, Allow));

        // 5. Sockets of the families policy speaks of, and those that do not leave the machine.
        var rest = (byte)(s_families.Length + 1);
        program.Add(new(JumpIfEqual, 1, 0, numbers.Socket));
        program.Add(new(JumpIfEqual, 0, (byte)(rest + 1), numbers.SocketPair));
        program.Add(new(LoadWord, 0, 0, FirstArgumentOffset));
        for (var i = 0; i < s_families.Length; i++)
        {
            program.Add(new(JumpIfEqual, (byte)(s_families.Length - i), 0, s_families[i]));
        }

        program.Add(new(Return, 0, 0, RefuseWith | ProcessCalls.EAFNOSUPPORT));
        program.Add(new(Return, 0, 0, Allow));
        return [.. program];
    }

    private sealed record Numbers(uint Architecture, uint Socket, uint SocketPair, uint Ioctl, uint Bpf, uint RequestKey)
    {
        /// <summary>io_uring_setup, _enter and _register.</summary>
        public uint[] InputOutputRings { get; } = [425, 426, 427];
    }
}
