using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>
/// bpf(2) without libbpf: whether the kernel answers must be known before, and apart from, whether the library is there.
/// </summary>
internal static unsafe partial class BpfSyscall
{
    public const int EPERM = 1;
    public const int ENOSYS = 38;

    private const int PROG_LOAD = 5;

    private static readonly nint s_number = RuntimeInformation.ProcessArchitecture is Architecture.Arm64 ? 280 : 321;

    /// <summary>Loads <c>return 1</c> as a program of a type and hook, and lets go of it.</summary>
    /// <returns>0, or the error number.</returns>
    public static int TryLoad(uint programType, uint attachType)
    {
        // r0 = 1; exit
        var instructions = stackalloc ulong[2] { 0x0000_0001_0000_00b7, 0x0000_0000_0000_0095 };
        fixed (byte* license = "GPL\0"u8)
        {
            // union bpf_attr up to expected_attach_type
            var attributes = new ProgramLoad
            {
                Type = programType,
                InstructionCount = 2,
                Instructions = (ulong)instructions,
                License = (ulong)license,
                AttachType = attachType,
            };
            var descriptor = Invoke(PROG_LOAD, &attributes, sizeof(ProgramLoad));
            if (descriptor < 0)
            {
                return Marshal.GetLastPInvokeError();
            }

            _ = Relay.Sockets.Libc.close(descriptor);
            return 0;
        }
    }

    /// <summary>Any command of bpf(2).</summary>
    /// <returns>What the command gives, or a negative number; then <see cref="Marshal.GetLastPInvokeError"/> says why.</returns>
    public static int Invoke(int command, void* attributes, int bytes) => (int)syscall(s_number, command, attributes, bytes);

    [LibraryImport("libc", SetLastError = true)]
    private static partial nint syscall(nint number, nint command, void* attributes, nint bytes);

    [StructLayout(LayoutKind.Explicit, Size = 72)]
    private struct ProgramLoad
    {
        [FieldOffset(0)]
        public uint Type;

        [FieldOffset(4)]
        public uint InstructionCount;

        [FieldOffset(8)]
        public ulong Instructions;

        [FieldOffset(16)]
        public ulong License;

        [FieldOffset(68)]
        public uint AttachType;
    }
}
