using PolicyProxy.Fuzz.Laws;
using SharpFuzz;

namespace PolicyProxy.Fuzz;

/// <summary>The command line: fuzz a target under afl-fuzz, write its seeds, run files again. <c>eng/fuzz.sh</c> calls it.</summary>
internal static class FuzzCommand
{
    /// <summary>Exit code 0: nothing found. 1: an input breaks a law. 2: wrong usage.</summary>
    public static int Run(string[] arguments, TextWriter output, TextWriter errors)
    {
        if (arguments is ["list"])
        {
            foreach (var known in FuzzTargets.All)
            {
                output.WriteLine($"{known.Name} {known.Dictionary}");
            }

            return 0;
        }

        if (arguments is [var verb, var name, .. var paths] && FuzzTargets.Find(name) is { } target)
        {
            switch (verb)
            {
                case "fuzz" when paths.Length == 0:
                    Fuzzer.Run(stream => target.Run(ReadAll(stream)));
                    return 0;
                case "seeds" when paths.Length == 1:
                    WriteSeeds(target, paths[0]);
                    return 0;
                case "replay" when paths.Length > 0:
                    return Replay(target, paths, output);
            }
        }

        errors.WriteLine("usage: Fuzz list | fuzz TARGET | seeds TARGET FOLDER | replay TARGET FILE...");
        return 2;
    }

    private static byte[] ReadAll(Stream stream)
    {
        using var memory = new MemoryStream();
        stream.CopyTo(memory);
        return memory.ToArray();
    }

    private static void WriteSeeds(FuzzTarget target, string folder)
    {
        Directory.CreateDirectory(folder);
        for (var i = 0; i < target.Seeds.Count; i++)
        {
            File.WriteAllBytes(Path.Combine(folder, $"seed-{i:D3}"), target.Seeds[i]);
        }
    }

    private static int Replay(FuzzTarget target, string[] files, TextWriter output)
    {
        var broken = 0;
        foreach (var file in files)
        {
            try
            {
                output.WriteLine($"{file}: {target.Run(File.ReadAllBytes(file))}");
            }
            catch (Exception error) when (error is not IOException)
            {
                // any exception is a finding; the next file may be another one
                broken++;
                output.WriteLine($"{file}: {(error is LawBrokenException ? error.Message : error.ToString())}");
            }
        }

        return broken == 0 ? 0 : 1;
    }
}
