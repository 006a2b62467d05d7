using BenchmarkDotNet.Running;
using PolicyProxy.Benchmarks.Middleware;

if (args is ["latency", ..])
{
    MiddlewareLatency.Run(); // single requests, of which BenchmarkDotNet only knows means
    return;
}

BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
