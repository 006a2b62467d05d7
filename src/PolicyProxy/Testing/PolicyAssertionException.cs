namespace PolicyProxy.Testing;

/// <summary>Policies do not say what a test says they say. The message has the call, the verdict and the rules that were tried.</summary>
public sealed class PolicyAssertionException : Exception
{
    internal PolicyAssertionException(string message)
        : base(message)
    {
    }
}
