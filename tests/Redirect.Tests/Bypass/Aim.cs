namespace PolicyProxy.Redirect.Tests.Bypass;

/// <summary>What one run of the attempts aims at, so that a packet names the run. Immutable.</summary>
/// <param name="Host">A denied host of the world.</param>
/// <param name="FirstPort">Port of the first attempt; each of the others has the next.</param>
/// <param name="EtherType">Of frames; the next is taken, too.</param>
internal sealed record Aim(int Host, int FirstPort, int EtherType)
{
    public static Aim Root { get; } = new(4, 20_000, 0x88b5);

    public static Aim Nobody { get; } = new(5, 21_000, 0x88c5);

    /// <summary>Without policy: the same attempts arrive.</summary>
    public static Aim Unconfined { get; } = new(6, 22_000, 0x88d5);
}
