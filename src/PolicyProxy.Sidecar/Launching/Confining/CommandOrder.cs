using System.Globalization;

namespace PolicyProxy.Sidecar.Launching.Confining;

/// <summary>What the parent tells the child that confines itself and then becomes the command: it travels as the child's arguments. Immutable.</summary>
internal sealed record CommandOrder
{
    /// <summary>The hidden verb; not in the help, because only the program itself calls it.</summary>
    public const string Verb = "__confined";

    private const string WorkOption = "--work=";
    private const string UnconfinedOption = "--unconfined";
    private const string UserOption = "--user=";
    private const string ProbeOption = "--probe=";
    private const string GateOption = "--gate=";
    private const string Separator = "--";

    /// <summary>Directory of the cgroup to join; null = the command is not confined at all, which has to be asked for in so many words.</summary>
    public required string? WorkCgroup { get; init; }

    /// <summary><c>NAME</c> or <c>UID[:GID]</c>; null = the user of the parent.</summary>
    public string? User { get; init; }

    /// <summary>Destinations policy denies: reaching for them must fail before the command starts.</summary>
    public IReadOnlyList<ProbeTarget> Probes { get; init; } = [];

    /// <summary>Descriptor of the <see cref="StartGate"/> to wait at; null = the command starts at once.</summary>
    public int? Gate { get; init; }

    /// <summary>Program and arguments, as bytes: they need not be UTF-8.</summary>
    public required IReadOnlyList<byte[]> Command { get; init; }

    /// <summary>Everything before the command.</summary>
    public IEnumerable<string> Options()
    {
        yield return Verb;
        yield return WorkCgroup is null ? UnconfinedOption : WorkOption + WorkCgroup;
        if (User is not null)
        {
            yield return UserOption + User;
        }

        if (Gate is { } gate)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{GateOption}{gate}");
        }

        foreach (var probe in Probes)
        {
            yield return ProbeOption + probe;
        }

        yield return Separator;
    }

    /// <summary>Reads what <see cref="Options"/> wrote.</summary>
    /// <exception cref="EnforcementException">Somebody else wrote it.</exception>
    public static CommandOrder Parse(IReadOnlyList<string> args)
    {
        string? work = null;
        string? user = null;
        int? gate = null;
        var isUnconfined = false;
        var probes = new List<ProbeTarget>();
        for (var i = 1; i < args.Count; i++)
        {
            var word = args[i];
            if (word == Separator && isUnconfined == work is null && i + 1 < args.Count)
            {
                return new CommandOrder { WorkCgroup = work, User = user, Gate = gate, Probes = probes, Command = RawArguments.Last([.. args.Skip(i + 1)]) };
            }
            else if (word.StartsWith(WorkOption, StringComparison.Ordinal))
            {
                work = word[WorkOption.Length..];
            }
            else if (word == UnconfinedOption)
            {
                isUnconfined = true;
            }
            else if (word.StartsWith(UserOption, StringComparison.Ordinal))
            {
                user = word[UserOption.Length..];
            }
            else if (word.StartsWith(GateOption, StringComparison.Ordinal) && int.TryParse(word.AsSpan(GateOption.Length), CultureInfo.InvariantCulture, out var descriptor))
            {
                gate = descriptor;
            }
            else if (word.StartsWith(ProbeOption, StringComparison.Ordinal))
            {
                probes.Add(ProbeTarget.Parse(word[ProbeOption.Length..]));
            }
            else
            {
                break;
            }
        }

        throw new EnforcementException($"{Verb} is for the program's own use: call \"policyproxy run\"");
    }
}
