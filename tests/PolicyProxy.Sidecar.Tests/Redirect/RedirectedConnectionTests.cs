using System.Net;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using PolicyProxy.Gate;
using PolicyProxy.Sidecar.Redirect;

namespace PolicyProxy.Sidecar.Tests.Redirect;

public sealed class RedirectedConnectionTests
{
    [Fact]
    public void RedirectedConnection_lies_in_memory_as_the_kernel_writes_it()
    {
        Span<byte> bytes = stackalloc byte[RedirectedConnection.Bytes];
        Convert.FromHexString("00000000000000000000FFFFCB007107").CopyTo(bytes); // 203.0.113.7
        bytes[16] = 0x1f; // 8080
        bytes[17] = 0x90;
        bytes[18] = 10;
        bytes[19] = 2;
        BitConverter.TryWriteBytes(bytes[20..], 1000u);
        BitConverter.TryWriteBytes(bytes[24..], 0x1_0000_0001ul);
        BitConverter.TryWriteBytes(bytes[32..], 77ul);
        BitConverter.TryWriteBytes(bytes[40..], 4711u);
        BitConverter.TryWriteBytes(bytes[44..], 5u);
        "curl\0old"u8.CopyTo(bytes[48..]);

        var connection = MemoryMarshal.Read<RedirectedConnection>(bytes);

        Assert.Equal(RedirectedConnection.Bytes, Unsafe.SizeOf<RedirectedConnection>());
        Assert.Equal(IPEndPoint.Parse("203.0.113.7:8080"), connection.EndPoint);
        Assert.Equal((77ul, 5u, true), (connection.Cookie, connection.Generation, connection.IsComplete));
        Assert.Equal(new WorkloadProcess { Id = 4711, Command = "curl", UserId = 1000, CgroupId = 0x1_0000_0001 }, connection.Process);
    }

    [Theory]
    [InlineData("203.0.113.7:8080", 2)]
    [InlineData("[2001:db8::1]:443", 10)]
    public void RedirectedConnection_written_is_what_the_kernel_reads(string client, byte family)
    {
        var connection = new RedirectedConnection { EndPoint = IPEndPoint.Parse(client) };
        var bytes = MemoryMarshal.AsBytes(MemoryMarshal.CreateSpan(ref connection, 1));

        Assert.Equal(IPEndPoint.Parse(client).Address.MapToIPv6().GetAddressBytes(), bytes[..16].ToArray());
        Assert.Equal(IPEndPoint.Parse(client).Port, (bytes[16] << 8) | bytes[17]);
        Assert.Equal((family, IPEndPoint.Parse(client)), (bytes[18], connection.EndPoint));
    }

    [Theory]
    [InlineData(KernelVerdict.Deny, 2, 80)]
    [InlineData(KernelVerdict.Allow, 2, 80)]
    [InlineData(KernelVerdict.Proxy, 0, 80)]
    [InlineData(KernelVerdict.Proxy, 2, 0)]
    internal void RedirectedConnection_that_was_not_sent_to_the_proxy_or_names_no_place_is_not_complete(KernelVerdict verdict, byte family, int port) =>
        Assert.False(new RedirectedConnection { EndPoint = new IPEndPoint(IPAddress.Loopback, port), Family = family, Verdict = (byte)verdict }.IsComplete);
}
