using PolicyProxy.Sidecar.Commands;

return await PolicyProxyCommandLine.InvokeAsync(args, Console.Out, Console.Error, CancellationToken.None).ConfigureAwait(false);
