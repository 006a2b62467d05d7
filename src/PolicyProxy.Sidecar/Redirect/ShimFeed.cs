using PolicyProxy.Gate;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Identities.Learning;

namespace PolicyProxy.Sidecar.Redirect;

/// <summary>
/// Keeps the kernel's policy that of the engine: compiles and publishes again whenever policies or networks have changed, the newest
/// state only; a learned address is told at once, before whoever learned it goes on. A state the kernel has no room for leaves the one before in
/// force and is reported. Thread-safe.
/// </summary>
internal sealed class ShimFeed : IDisposable
{
    private readonly PolicyEngine _engine;
    private readonly Func<Identity> _subject;
    private readonly bool _audit;
    private readonly Shim _shim;
    private readonly Action<Exception> _onFailure;
    private readonly Lock _publishing = new();
    private readonly AutoResetEvent _changed = new(initialState: false);
    private readonly Thread _publisher;
    private volatile bool _isStopping;

    /// <summary>Publishes the policy in force and follows it.</summary>
    /// <param name="engine">Whose policy.</param>
    /// <param name="subject">The workload's identity by the policies in force.</param>
    /// <param name="audit">True lets denials through.</param>
    /// <param name="shim">Where to publish; nobody else may meanwhile.</param>
    /// <param name="onFailure">Told when a policy could not be published.</param>
    /// <exception cref="ShimException">The first policy could not be published.</exception>
    public ShimFeed(PolicyEngine engine, Func<Identity> subject, bool audit, Shim shim, Action<Exception> onFailure)
    {
        _engine = engine;
        _subject = subject;
        _audit = audit;
        _shim = shim;
        _onFailure = onFailure;
        engine.Compiled += OnCompiled;
        engine.Identities.Published += OnPublished;
        Publish();
        _publisher = new Thread(Follow) { IsBackground = true, Name = "shim-policy" };
        _publisher.Start();
    }

    public void Dispose()
    {
        if (_isStopping)
        {
            return;
        }

        _engine.Compiled -= OnCompiled;
        _engine.Identities.Published -= OnPublished;
        _isStopping = true;
        _changed.Set();
        _publisher.Join();
        _changed.Dispose();
    }

    private void OnCompiled(object? sender, PolicyProxy.Policy.Compilation.PolicyCompilation compilation) => _changed.Set();

    // Addresses that change while a policy is compiled wait for it and are told to its tables, so none is lost between two policies.
    private void OnPublished(object? sender, IdentityChange change)
    {
        if (change.IsWhole)
        {
            _changed.Set();
            return;
        }

        lock (_publishing)
        {
            try
            {
                foreach (var address in change.Addresses)
                {
                    _shim.Change(address);
                }
            }
            catch (ShimException error)
            {
                _onFailure(error);
                _changed.Set(); // what is in the kernel now may be neither the one nor the other
            }
        }
    }

    private void Publish()
    {
        lock (_publishing)
        {
            _shim.Publish(KernelPolicy.Compile(_engine.State, _subject(), _audit));
        }
    }

    private void Follow()
    {
        while (true)
        {
            _changed.WaitOne();
            if (_isStopping)
            {
                return;
            }

            try
            {
                Publish();
            }
            catch (ShimException error)
            {
                _onFailure(error);
            }
        }
    }
}
