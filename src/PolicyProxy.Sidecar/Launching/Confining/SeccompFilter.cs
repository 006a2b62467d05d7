using System.Runtime.InteropServices;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>Puts the filter on this thread and whatever it becomes. Needs CAP_SYS_ADMIN, because no_new_privs stays off: sudo goes on working.</summary>
internal static unsafe class SeccompFilter
{
    /// <exception cref="EnforcementException">The kernel refuses.</exception>
    public static void Apply()
    {
        var instructions = SeccompProgram.For(RuntimeInformation.ProcessArchitecture);
        fixed (FilterInstruction* first = instructions)
        {
            var program = new FilterProgram { Length = (ushort)instructions.Length, Instructions = first };
            if (ProcessCalls.prctl(ProcessCalls.PR_SET_SECCOMP, ProcessCalls.SECCOMP_MODE_FILTER, (nuint)(&program), 0, 0) != 0)
            {
                throw new EnforcementException($"cannot set the system call filter: {ErrorText.Last}; the kernel needs CONFIG_SECCOMP_FILTER, and policyproxy run CAP_SYS_ADMIN");
            }
        }
    }

    /// <summary><c>struct sock_fprog</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    private struct FilterProgram
    {
        public ushort Length;
        public FilterInstruction* Instructions;
    }
}
