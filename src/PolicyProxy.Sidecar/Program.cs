using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching;
using PolicyProxy.Sidecar.Launching.Confining;

// Before anything else: the child of "run" becomes the command, and nothing it does not need may cost it time.
return args switch
{
    [CommandOrder.Verb, ..] => Confinement.Run(args),
    [RunCommand.Name, ..] => await PolicyProxyCommandLine.InvokeAsync(args, BareOutput.Standard, BareOutput.Error, CancellationToken.None).ConfigureAwait(false),
    _ => await PolicyProxyCommandLine.InvokeAsync(args, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false),
};
