using System.Net.Sockets;

namespace PolicyProxy.Architecture.Tests.Layers.Offenders;

/// <summary>Uses a forbidden type in a method body only.</summary>
internal static class InBody
{
    public static bool Look() => File.Exists("x");
}

/// <summary>Uses a forbidden type behind a jump table.</summary>
internal static class BehindSwitch
{
    public static object Look(int number) => number switch
    {
        0 => "a",
        1 => 2,
        2 => 'c',
        3 => 4L,
        4 => new MemoryStream(),
        _ => 6.0,
    };
}

/// <summary>Uses forbidden types in fields only.</summary>
internal sealed class InField
{
    public Task<int>? Pending { get; init; }
}

/// <summary>Uses a forbidden type as a generic argument only.</summary>
internal static class InGenericArgument
{
    public static object Make() => new List<Socket>();
}

/// <summary>Uses a forbidden type in a signature only.</summary>
internal interface InSignature
{
    void Take(ref Stream[] streams);
}
