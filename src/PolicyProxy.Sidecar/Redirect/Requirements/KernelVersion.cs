using System.Globalization;

namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>The first two numbers of a kernel release; distributions add what they like behind them.</summary>
internal readonly record struct KernelVersion(int Major, int Minor) : IComparable<KernelVersion>
{
    /// <summary>The oldest kernel that has every hook: 5.15.</summary>
    public static KernelVersion Floor { get; } = new(5, 15);

    /// <summary>Reads <c>6.1.0-18-amd64</c>; null when it does not begin with two numbers.</summary>
    public static KernelVersion? Parse(string? release)
    {
        var parts = (release ?? string.Empty).Split('.', 3);
        return parts.Length >= 2 && Number(parts[0]) is { } major && Number(parts[1]) is { } minor ? new KernelVersion(major, minor) : null;
    }

    public static bool operator <(KernelVersion left, KernelVersion right) => left.CompareTo(right) < 0;

    public static bool operator >(KernelVersion left, KernelVersion right) => left.CompareTo(right) > 0;

    public static bool operator <=(KernelVersion left, KernelVersion right) => left.CompareTo(right) <= 0;

    public static bool operator >=(KernelVersion left, KernelVersion right) => left.CompareTo(right) >= 0;

    public int CompareTo(KernelVersion other) => Major != other.Major ? Major.CompareTo(other.Major) : Minor.CompareTo(other.Minor);

    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Major}.{Minor}");

    // A release candidate is 6.12-rc3: the number ends where the digits do.
    private static int? Number(string text)
    {
        var end = text.AsSpan().IndexOfAnyExceptInRange('0', '9');
        var digits = end < 0 ? text : text[..end];
        return int.TryParse(digits, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;
    }
}
