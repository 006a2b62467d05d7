using System.Net;

namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>One address whose identity is another one now. Equal to what a look-up in the snapshots before and after gives.</summary>
internal readonly record struct AddressChange(IPAddress Address, Identity Before, Identity After);

/// <summary>What one publication of an <see cref="IdentityTable"/> changed. Immutable.</summary>
/// <param name="Snapshot">The snapshot that holds it, with the number that orders it among others.</param>
/// <param name="Addresses">The addresses with another identity; empty if only names were added, or if <paramref name="IsWhole"/>.</param>
/// <param name="IsWhole">True if anything may have changed: read the snapshot.</param>
internal sealed record IdentityChange(IdentitySnapshot Snapshot, IReadOnlyList<AddressChange> Addresses, bool IsWhole);
