using BenchmarkDotNet.Running;

// dotnet run -c Release --project tests/Benchmarks -- --filter '*UrlPath*'
BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args);
