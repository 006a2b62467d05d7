using PolicyProxy.Gate;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>Prints answers for people: the verdict first, then every step, then what would have to change.</summary>
internal static class ExplainTextWriter
{
    public static void Write(IReadOnlyList<ExplainAnswer> answers, IReadOnlyList<string> assumptions, CommandOutput output)
    {
        foreach (var answer in answers)
        {
            Write(answer, output);
            output.Out.WriteLine();
        }

        foreach (var assumption in assumptions)
        {
            output.Out.WriteLine(output.Faint("assumed: " + assumption));
        }
    }

    private static void Write(ExplainAnswer answer, CommandOutput output)
    {
        var question = answer.Question;
        var word = answer.Final.Allowed ? output.Green(answer.Word) : output.Red(answer.Word);
        output.Out.WriteLine($"{word}  {question.Request.Text}");
        output.Out.WriteLine($"  {question.DirectionText} policy of {question.Subject.Text}");
        output.Out.WriteLine($"  from {question.From.Text} to {question.To.Text}, {question.Request.Protocol.ToString().ToLowerInvariant()}/{question.Port}");
        output.Out.WriteLine($"  because {Because(answer.Final)}");
        output.Out.WriteLine();
        // The verdict and the connection stand above already.
        foreach (var step in answer.Walk.Steps.Where(s => s.Stage is not ("verdict" or "connection")))
        {
            Write(step, output);
        }

        if (answer.Tls.Length > 0)
        {
            output.Out.WriteLine($"  {"tls",-12}{string.Empty,-10}{answer.Tls}");
        }

        WriteOthers(answer.Others, output);
        WriteRule("decided by", answer.Final.Rule, string.Empty, output);
        WriteRule("nearest", answer.Nearest?.Rule, answer.Nearest?.Missed ?? string.Empty, output);
    }

    private static void WriteOthers(IReadOnlyList<OtherAnswer> others, CommandOutput output)
    {
        for (var i = 0; i < others.Count; i++)
        {
            var (text, final, nearest) = others[i];
            var word = ExplainAnswer.WordFor(final);
            if (i == 0)
            {
                output.Out.WriteLine();
                output.Out.WriteLine("  clients also send");
            }

            var missed = nearest is null ? string.Empty : $"  {output.Faint(nearest.Missed)}";
            output.Out.WriteLine($"    {(final.Allowed ? output.Green($"{word,-10}") : output.Red($"{word,-10}"))} {text}{missed}");
        }
    }

    private static string Because(in Verdict verdict) =>
        (verdict.Audited ? "audit lets through what would be dropped: " : string.Empty) + ReasonText.Of(verdict.Reason);

    private static void Write(ExplanationStep step, CommandOutput output)
    {
        var outcome = step.Outcome switch
        {
            StepOutcome.Allows => output.Green("allows   "),
            StepOutcome.Denies => output.Red("denies   "),
            StepOutcome.Redirects => output.Yellow("inspects "),
            StepOutcome.Misses => output.Faint("misses   "),
            _ => "         ",
        };
        output.Out.WriteLine($"  {step.Stage,-12}{outcome} {step.Text}");
        if (step.Rule is { } rule)
        {
            output.Out.WriteLine(output.Faint($"  {string.Empty,-22}{(rule.Line > 0 ? rule.ToString() : "built in: " + rule.Policy)}"));
        }
    }

    private static void WriteRule(string title, RuleOrigin? rule, string missed, CommandOutput output)
    {
        // A built-in rule has no line anybody could change.
        if (rule is not { Line: > 0 })
        {
            return;
        }

        output.Out.WriteLine();
        output.Out.WriteLine($"  {title}: {rule}");
        if (missed.Length > 0)
        {
            output.Out.WriteLine($"    {missed}");
        }

        if (SourceLine.Read(rule.File, rule.Line) is { } line)
        {
            output.Out.WriteLine(output.Faint($"    {rule.Line,4} | {line}"));
        }
    }
}
