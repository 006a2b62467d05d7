using PolicyProxy.Soak;
using PolicyProxy.Soak.Rotation;
using PolicyProxy.Soak.Watch;

if (args is ["rotation", .. var rest])
{
    return RotationRun.Run(rest, Console.Out) ? 0 : 1;
}

if (!SoakOptions.TryParse(args, out var options))
{
    Console.Error.WriteLine(SoakOptions.Usage);
    return 2;
}

var sidecar = options.Sidecar ?? NativeSidecar.Publish();
return await new SoakRun(options with { Sidecar = sidecar }, Console.Out).RunAsync() ? 0 : 1;
