using PolicyProxy.Sidecar.Commands;
using PolicyProxy.Sidecar.Launching.Confining;

// Before anything else: the child of "run" becomes the command, and nothing it does not need may cost it time.
return args is [CommandOrder.Verb, ..]
    ? Confinement.Run(args)
    : await PolicyProxyCommandLine.InvokeAsync(args, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
