namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>What a snapshot knows of one address that answers have named. Immutable.</summary>
/// <param name="Identity">The address's identity; without names in it if no selector asks for them, or if the address is a workload's or a node's.</param>
/// <param name="Names">The names that led to it: lower case, without a final dot, in ordinal order.</param>
internal sealed record LearnedAddress(Identity Identity, string[] Names)
{
    /// <summary>True if an answer for this name gave the address.</summary>
    /// <param name="name">Lower case, without a final dot.</param>
    public bool HasName(ReadOnlySpan<char> name) => Position(Names, name) >= 0;

    /// <summary>Position of a name; the complement of where it belongs if it is missing.</summary>
    internal static int Position(string[] names, ReadOnlySpan<char> name)
    {
        var (low, high) = (0, names.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            var order = names[middle].AsSpan().SequenceCompareTo(name);
            if (order == 0)
            {
                return middle;
            }

            (low, high) = order < 0 ? (middle + 1, high) : (low, middle - 1);
        }

        return ~low;
    }
}

/// <summary>One pair of name and address as it is kept over restarts.</summary>
/// <param name="Name">Lower case, without a final dot.</param>
/// <param name="Address">As <see cref="FqdnAddress.Key"/>.</param>
/// <param name="Expires">When it may be forgotten.</param>
internal readonly record struct LearnedName(string Name, UInt128 Address, DateTimeOffset Expires);
