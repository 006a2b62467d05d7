using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Sidecar.NameResolution;

/// <summary>Tells when an answer has taught an address that was not known. What the table publishes for another reason counts as taught too.</summary>
internal sealed class LearnedHere : IDisposable
{
    private readonly IdentityTable _identities;
    private readonly Action _told;
    private volatile bool _isNew;

    public LearnedHere(IdentityTable identities, Action told)
    {
        (_identities, _told) = (identities, told);
        identities.Published += OnPublished;
    }

    /// <summary>Call after an answer has been learned, holding no lock.</summary>
    public void Tell()
    {
        if (_isNew)
        {
            _isNew = false;
            _told();
        }
    }

    public void Dispose() => _identities.Published -= OnPublished;

    // Under the table's lock, which is no place to wait for another process.
    private void OnPublished(object? sender, IdentityChange change) => _isNew |= change.Addresses.Count > 0;
}
