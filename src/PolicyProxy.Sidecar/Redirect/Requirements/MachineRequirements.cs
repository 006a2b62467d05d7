namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Everything that redirecting in the kernel needs of the machine, checked now. Nothing is changed: what is probed is undone.</summary>
internal static class MachineRequirements
{
    /// <summary>All checks that matter to <paramref name="verb"/>, and those for information, in the order to fix them in.</summary>
    public static IReadOnlyList<Requirement> Check(SystemRoots roots, RequiredFor verb) =>
        [.. All(roots).Where(found => found.NeededBy == RequiredFor.None || (found.NeededBy & verb) != 0)];

    /// <summary>Why <paramref name="verb"/> must refuse to start on this machine; empty when it can.</summary>
    public static IReadOnlyList<Requirement> Missing(RequiredFor verb) => [.. Check(SystemRoots.Machine, verb).Where(found => found.Stops(verb))];

    /// <summary>Writes a line for each thing this machine lacks, with its fix, after a start that failed. Takes the time of all checks.</summary>
    /// <param name="problem">What went wrong.</param>
    /// <param name="verb">What was to start.</param>
    /// <param name="messages">Where to write.</param>
    /// <returns>What to say at the end: the problem without the kernel's details if something that is missing explains it.</returns>
    public static string Explain(string problem, RequiredFor verb, TextWriter messages)
    {
        var missing = Missing(verb);
        foreach (var lacking in missing)
        {
            messages.WriteLine($"policyproxy: missing {lacking.Name}: {lacking.Detail}; fix: {lacking.Fix}");
        }

        return missing.Count == 0 ? problem : problem.Split('\n')[0];
    }

    private static IEnumerable<Requirement> All(SystemRoots roots)
    {
        yield return KernelCheck.Check(roots);
        yield return CapabilityChecks.UserNamespace(roots);
        yield return CapabilityChecks.Redirecting(roots);
        yield return CapabilityChecks.Mounting(roots);
        yield return CgroupChecks.Mounted(roots);
        yield return CgroupChecks.Writable(roots);
        yield return BpffsCheck.Check(roots);
        yield return LibbpfCheck.Check();
        var call = BpfCallCheck.Check(roots);
        yield return call;
        // CAP_BPF alone suffices for the try before, but not for every hook: those would all repeat what the capabilities say.
        var canLoad = call.State == RequirementState.Ok && CapabilitySet.Read(roots).CanRedirect;
        foreach (var hook in HookChecks.All(roots, canLoad))
        {
            yield return hook;
        }

        yield return SurroundingChecks.Seccomp(roots);
        yield return SurroundingChecks.IPv6(roots);
        yield return SurroundingChecks.UnprivilegedUserNamespaces(roots);
        yield return SurroundingChecks.Nft();
        yield return SurroundingChecks.Descriptors(roots);
    }
}
