namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>Says in the flow why a response was made here and not by the upstream. Set by whoever forwards; read for statuses from 500.</summary>
internal interface IResponseNoteFeature
{
    /// <summary>One line without secrets.</summary>
    string Note { get; }
}

/// <inheritdoc cref="IResponseNoteFeature"/>
internal sealed record ResponseNote(string Note) : IResponseNoteFeature;
