using System.Runtime.InteropServices;
using PolicyProxy.Sidecar.Launching.Confining;

namespace PolicyProxy.Sidecar.Tests.Launching;

/// <summary>The filters of both machines, executed instruction by instruction: this machine's kernel runs only one of them.</summary>
public sealed class SeccompProgramTests
{
    private const uint X64 = 0xC000_003E;
    private const uint Arm64 = 0xC000_00B7;
    private const uint Allowed = 0x7fff_0000;
    private const uint Denied = 0x0005_0000;

    [Theory]
    [InlineData(Architecture.X64, X64, 41, 53, 16, 321, 249)]
    [InlineData(Architecture.Arm64, Arm64, 198, 199, 29, 280, 218)]
    public void Filter_allows_and_refuses(Architecture machine, uint audit, uint socket, uint pair, uint ioctl, uint bpf, uint requestKey)
    {
        var filter = SeccompProgram.For(machine);
        foreach (var call in new[] { socket, pair })
        {
            for (ulong family = 0; family < 64; family++)
            {
                Assert.Equal(family is 1 or 2 or 10 or 16 ? Allowed : Denied | 97, Run(filter, audit, call, family, 0));
            }

            // The kernel reads 32 bits; what is above must not fool the filter.
            Assert.Equal(Denied | 97, Run(filter, audit, call, 0x1_0000_0011, 0));
            Assert.Equal(Allowed, Run(filter, audit, call, 0x1_0000_0002, 0));
        }

        Assert.Equal(Denied | 38, Run(filter, audit, 425, 0, 0));
        Assert.Equal(Denied | 38, Run(filter, audit, 426, 0, 0));
        Assert.Equal(Denied | 38, Run(filter, audit, 427, 0, 0));
        Assert.Equal(Denied | 38, Run(filter, audit, requestKey, 0, 0));
        Assert.Equal(Denied | 1, Run(filter, audit, bpf, 0, 0));
        Assert.Equal(Denied | 1, Run(filter, audit, ioctl, 0, 0x5412));
        Assert.Equal(Denied | 1, Run(filter, audit, ioctl, 0, 0x1_0000_5412));
        Assert.Equal(Denied | 1, Run(filter, audit, ioctl, 0, 0x541C));
        Assert.Equal(Allowed, Run(filter, audit, ioctl, 0, 0x5401));
        for (uint call = 0; call < 500; call++)
        {
            if (call != socket && call != pair && call != bpf && call != requestKey && call is < 425 or > 427)
            {
                Assert.Equal(Allowed, Run(filter, audit, call, 17, 0));
            }
        }
    }

    [Theory]
    [InlineData(Architecture.X64, Arm64)]
    [InlineData(Architecture.X64, 0x4000_0003)] // i386
    [InlineData(Architecture.Arm64, X64)]
    [InlineData(Architecture.Arm64, 0x4000_0028)] // arm
    public void No_call_of_another_architecture_works(Architecture machine, uint audit) =>
        Assert.Equal(Denied | 38, Run(SeccompProgram.For(machine), audit, 1, 0, 0));

    [Fact]
    public void No_call_of_x32_works() => Assert.Equal(Denied | 38, Run(SeccompProgram.For(Architecture.X64), X64, 0x4000_0000, 0, 0));

    // seccomp_data: number, architecture, instruction pointer, six arguments.
    private static uint Run(FilterInstruction[] program, uint audit, uint number, ulong first, ulong second)
    {
        uint[] data = [number, audit, 0, 0, (uint)first, (uint)(first >> 32), (uint)second, (uint)(second >> 32)];
        var word = 0u;
        for (var at = 0; ; at++)
        {
            var (code, ifTrue, ifFalse, operand) = program[at];
            switch (code)
            {
                case 0x20:
                    word = data[operand / 4];
                    break;
                case 0x15:
                    at += word == operand ? ifTrue : ifFalse;
                    break;
                case 0x35:
                    at += word >= operand ? ifTrue : ifFalse;
                    break;
                case 0x06:
                    return operand;
                default:
                    throw new InvalidOperationException($"unknown instruction {code:x}");
            }
        }
    }
}
