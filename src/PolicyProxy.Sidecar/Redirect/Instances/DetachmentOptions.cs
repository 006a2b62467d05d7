namespace PolicyProxy.Sidecar.Redirect.Instances;

/// <summary>Which living processes a <see cref="Detachment"/> may end.</summary>
/// <param name="EndsWork"><c>--kill</c>: those that are confined.</param>
/// <param name="EndsProxy"><c>--force</c>: the proxy.</param>
internal readonly record struct DetachmentOptions(bool EndsWork, bool EndsProxy);
