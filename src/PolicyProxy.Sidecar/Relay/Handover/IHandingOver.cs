namespace PolicyProxy.Sidecar.Relay.Handover;

/// <summary>What a process does on the way of its sockets to the next one. One call at a time, on a thread of the pool.</summary>
internal interface IHandingOver
{
    /// <summary>Somebody asks for the sockets: what it reads next has to be up to date.</summary>
    void Asked();

    /// <summary>Gives up what only one process may do. On return the next one may. Comes once, before the next process serves or when it says that it does.</summary>
    void Yield();

    /// <summary>The next process has failed after <see cref="Yield"/>: takes everything up again.</summary>
    void Resume();
}
