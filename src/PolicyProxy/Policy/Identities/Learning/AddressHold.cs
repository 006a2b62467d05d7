namespace PolicyProxy.Policy.Identities.Learning;

/// <summary>Keeps a learned address for one live connection; disposing again does nothing. Thread-safe.</summary>
internal sealed class AddressHold(Lock gate, AddressEntry address) : IDisposable
{
    private AddressEntry? _address = address;

    public void Dispose()
    {
        lock (gate)
        {
            if (_address is not null)
            {
                _address.Holds--;
                _address = null;
            }
        }
    }
}
