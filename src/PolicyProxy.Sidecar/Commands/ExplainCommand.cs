using System.CommandLine;
using PolicyProxy.Gate;
using PolicyProxy.Policy.Compilation;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Sidecar.Commands.Explaining;

namespace PolicyProxy.Sidecar.Commands;

/// <summary><c>policyproxy explain</c>: the verdict on one request, with every rule tried and the line to change.</summary>
internal static class ExplainCommand
{
    public static Verb Create(CommandOutput output)
    {
        var request = new Argument<string[]>("REQUEST")
        {
            Arity = ArgumentArity.OneOrMore,
            Description = "What is sent: " + AskedRequestParser.Forms + ".",
        };
        var policy = CommonOptions.Policy();
        var inventory = CommonOptions.Inventory();
        var subject = new Option<string?>("--subject") { HelpName = "WHO", Description = "Whose policy: labels (app=api,tier=web) or a pod of the inventory. Default: the only subject the policies have." };
        var from = new Option<string?>("--from") { HelpName = "WHO", Description = "Who connects: labels, an address, a pod, or an entity such as world. Asks the ingress policy." };
        var to = new Option<string?>("--to") { HelpName = "WHO", Description = "Who is connected to: labels, an address, a pod, a service, an entity or a DNS name. Asks the egress policy." };
        var ns = new Option<string?>("--namespace", "-n") { HelpName = "NAME", Description = "Namespace of labels that name none. Default: the only one the policies have, otherwise default." };
        var port = new Option<ushort?>("--port") { HelpName = "NUMBER", Description = "Destination port, if it is not the one of the request." };
        var direction = new Option<string?>("--direction") { Description = "ingress or egress. Default: both with --from and --to, otherwise the one these options imply." };
        direction.AcceptOnlyFromAmong("ingress", "egress");
        var header = new Option<string[]>("--header", "-H") { HelpName = "LINE", Description = "A request header, \"Name: value\"; may be repeated." };
        var group = new Option<string>("--group") { HelpName = "NAME", Description = "Kafka: the consumer group." };
        var transactionalId = new Option<string>("--transactional-id") { HelpName = "NAME", Description = "Kafka: the transactional id." };
        var clientId = new Option<string>("--client-id") { HelpName = "NAME", Description = "Kafka: the client id." };
        var apiVersion = new Option<short?>("--api-version") { HelpName = "NUMBER", Description = "Kafka: version of the request. Default: the highest offered to clients." };
        apiVersion.Validators.Add(static result =>
        {
            if (result.Tokens is [var token] && token.Value.StartsWith('-'))
            {
                result.AddError("--api-version is a number from 0 to 32767.");
            }
        });
        var compat = CommonOptions.Compat();
        var format = CommonOptions.Format();
        var verb = new Verb("explain", "Tell why one request is allowed or denied: every rule tried, what missed, and the line to change.")
        {
            Examples =
            [
                "policyproxy explain -p policy.yaml --from app=frontend \"GET http://api:8080/api/health\"",
                "policyproxy explain -p policies/ --subject app=worker --to 203.0.113.7 connect tcp 5432",
                "policyproxy explain -p policies/ --subject app=worker --to k8s-app=kube-dns,io.kubernetes.pod.namespace=kube-system dns A www.example.com",
                "policyproxy explain -p policies/ --from app=orders --to app=kafka produce orders",
            ],
            ExitCodes = "0 allowed, 1 denied, 2 the question cannot be answered",
        };
        foreach (var symbol in new Symbol[] { request, policy, inventory, subject, from, to, ns, port, direction, header, group, transactionalId, clientId, apiVersion, compat, format })
        {
            Add(verb, symbol);
        }

        verb.SetAction(parsed => Run(output, parsed.GetValue(format) == "json", new ExplainInput
        {
            Policies = parsed.GetValue(policy) ?? [],
            Inventory = parsed.GetValue(inventory) ?? [],
            Subject = parsed.GetValue(subject),
            From = parsed.GetValue(from),
            To = parsed.GetValue(to),
            Namespace = parsed.GetValue(ns),
            Port = parsed.GetValue(port),
            Direction = parsed.GetValue(direction) switch
            {
                "ingress" => TrafficDirection.Ingress,
                "egress" => TrafficDirection.Egress,
                _ => null,
            },
            CiliumCompatible = CommonOptions.IsCilium(parsed.GetValue(compat)),
            Request = AskedRequestParser.Parse(string.Join(' ', parsed.GetValue(request) ?? []), parsed.GetValue(header) ?? [], new AskedKafkaOptions
            {
                Group = parsed.GetValue(group) ?? string.Empty,
                TransactionalId = parsed.GetValue(transactionalId) ?? string.Empty,
                ClientId = parsed.GetValue(clientId) ?? string.Empty,
                ApiVersion = parsed.GetValue(apiVersion),
            }),
        }));
        return verb;
    }

    private static int Run(CommandOutput output, bool asJson, ExplainInput input)
    {
        var files = PolicyFiles.Read(input.Policies.Concat(input.Inventory));
        using var engine = new PolicyEngine(new PolicyCompilerOptions { CiliumCompatible = input.CiliumCompatible });
        PolicyFiles.ThrowIfRefused(engine.Publish(files.Input), output);

        var resolver = new EndResolver(engine, files.Objects, input.Namespace ?? DefaultSubject.Namespace(files.Objects));
        var answers = QuestionPlanner.Plan(input, files.Objects, resolver).Select(q => GateInquiry.Ask(engine, q)).ToList();
        if (asJson)
        {
            ExplainJsonWriter.Write(answers, resolver.Assumptions, output);
        }
        else
        {
            ExplainTextWriter.Write(answers, resolver.Assumptions, output);
        }

        return answers.TrueForAll(a => a.Final.Allowed) ? ExitCode.Success : ExitCode.Negative;
    }

    private static void Add(Verb verb, Symbol symbol)
    {
        if (symbol is Option option)
        {
            verb.Add(option);
        }
        else
        {
            verb.Add((Argument)symbol);
        }
    }
}
