using PolicyProxy.Policy.Identities;
using PolicyProxy.Policy.Model;

namespace PolicyProxy.Sidecar.Commands.Explaining;

/// <summary>
/// Decides which questions the options ask. With both ends given and nothing else, a connection has to pass the egress policy of the
/// one and the ingress policy of the other, so both are asked.
/// </summary>
internal static class QuestionPlanner
{
    /// <summary>The questions, egress before ingress as traffic flows.</summary>
    /// <exception cref="CommandFailureException">Something needed is missing or contradicts itself.</exception>
    public static IReadOnlyList<ExplainQuestion> Plan(ExplainInput input, PolicyObjects objects, EndResolver resolver)
    {
        if (input.Direction is null && input is { Subject: null, From: not null, To: not null })
        {
            return Both(input, resolver);
        }

        return Direction(input, objects) == TrafficDirection.Ingress
            ? [Ingress(input, objects, resolver)]
            : [Egress(input, objects, resolver)];
    }

    private static List<ExplainQuestion> Both(ExplainInput input, EndResolver resolver)
    {
        var from = resolver.Source(input.From!);
        var to = resolver.Destination(input.To!);
        var questions = new List<ExplainQuestion>();
        if (from.IsWorkload)
        {
            questions.Add(Question(TrafficDirection.Egress, from, to, input));
        }

        if (to.IsWorkload)
        {
            questions.Add(Question(TrafficDirection.Ingress, to, from, input));
        }

        return questions.Count > 0
            ? questions
            : throw new CommandFailureException("neither --from nor --to is a workload, so no policy applies: give the labels of one of them");
    }

    private static TrafficDirection Direction(ExplainInput input, PolicyObjects objects)
    {
        if (input.Direction is { } given)
        {
            return given;
        }

        if (input is { From: not null, To: not null })
        {
            throw new CommandFailureException("with --subject, --from and --to together, say which policy is meant: --direction ingress or egress");
        }

        if (input.From is not null)
        {
            return TrafficDirection.Ingress;
        }

        var hasIngress = DefaultSubject.HasRules(objects, TrafficDirection.Ingress);
        if (input.To is null && hasIngress)
        {
            throw new CommandFailureException("who connects? Give --from labels (app=web), an address or an entity such as world; or --direction egress");
        }

        return TrafficDirection.Egress;
    }

    private static ExplainQuestion Ingress(ExplainInput input, PolicyObjects objects, EndResolver resolver)
    {
        if (input.From is null)
        {
            throw new CommandFailureException("who connects? Give --from labels (app=web), an address or an entity such as world");
        }

        var subject = (input.Subject ?? input.To) is { } text
            ? resolver.Source(text)
            : DefaultSubject.Find(objects, TrafficDirection.Ingress, resolver);
        return Question(TrafficDirection.Ingress, subject, resolver.Source(input.From), input);
    }

    private static ExplainQuestion Egress(ExplainInput input, PolicyObjects objects, EndResolver resolver)
    {
        var to = input.To ?? input.Request.Host
            ?? throw new CommandFailureException("where to? Give --to labels, an address, an entity or a name, or a URL with a host");
        var subject = (input.Subject ?? input.From) is { } text
            ? resolver.Source(text)
            : DefaultSubject.Find(objects, TrafficDirection.Egress, resolver);
        return Question(TrafficDirection.Egress, subject, resolver.Destination(to), input);
    }

    private static ExplainQuestion Question(TrafficDirection direction, ExplainEnd subject, ExplainEnd peer, ExplainInput input)
    {
        var port = input.Port ?? input.Request.Port
            ?? throw new CommandFailureException("which port? Give --port, or a URL with a host");
        return new ExplainQuestion(direction, subject, peer, port, input.Request);
    }
}
