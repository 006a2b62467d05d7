using PolicyProxy.Conformance;

return RunnerOptions.TryParse(args, out var options, out var problem)
    ? options.Run(Console.Out)
    : Fail(problem);

static int Fail(string problem)
{
    Console.Error.WriteLine(problem);
    Console.Error.WriteLine("usage: Conformance DIR [--manifests DIR] [--naive]");
    Console.Error.WriteLine("       Conformance --differential CASES [--seed N]");
    return 2;
}
