using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Launching.Confining;

// Before anything else: the child of "run" becomes the command, and nothing it does not need may cost it time.
return args switch
{
    [CommandOrder.Verb, ..] => Confinement.Run(args),
    [StandIn.Verb, ..] => StandIn.Wait(args) is var (instance, run)
        ? await PolicyProxyCommandLine.InvokeAsync(run, BareOutput.Standard, BareOutput.Error, CancellationToken.None, takesOver: instance).ConfigureAwait(false)
        : ExitCode.Success,
    [RunCommand.Name, ..] => await PolicyProxyCommandLine.InvokeAsync(args, BareOutput.Standard, BareOutput.Error, CancellationToken.None).ConfigureAwait(false),
    _ => await PolicyProxyCommandLine.InvokeAsync(args, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false),
};
