using System.Net;

namespace PolicyProxy.Sidecar.Commands.Demo;

/// <summary>Prints what the demo did.</summary>
internal static class DemoReportWriter
{
    public static void WriteText(DemoReport report, CommandOutput output)
    {
        output.Out.WriteLine($"A sidecar on {report.Listen} protects api-server with the policy demo/api-server: the frontend may");
        output.Out.WriteLine("GET /api/health and /api/v1/..., nobody may do anything else. Another protects kafka, where orders may write to the topic");
        output.Out.WriteLine("orders. (No broker: a stand-in behind the sidecar says that what it gets is written.)");
        output.Out.WriteLine();
        foreach (var result in report.Results)
        {
            var mark = result.IsAsExpected ? output.Green("ok  ") : output.Red("FAIL");
            var request = result.Request;
            var answer = request.IsAllowed ? output.Green($"{result.Answer,-6}") : output.Yellow($"{result.Answer,-6}");
            output.Out.WriteLine($"{mark} {request.Sender.Name,-9} {request.Method,-7} {request.Path,-31} {answer} {result.Verdict,-10} {output.Faint(request.Point)}");
            output.Out.WriteLine(output.Faint($"       {result.Why}"));
            if (!result.IsAsExpected)
            {
                output.Out.WriteLine(output.Red($"       the policy says {request.Expected}"));
            }
        }

        output.Out.WriteLine();
        var matched = report.Results.Count(r => r.IsAsExpected);
        var summary = $"{matched} of {report.Results.Count} as the policy says; {report.UpstreamRequests} requests reached the servers, {report.AllowedRequests} were allowed";
        output.Out.WriteLine(report.IsAsExpected ? output.Green(summary) : output.Red(summary));
    }

    public static void WriteJson(DemoReport report, CommandOutput output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteBoolean("asExpected", report.IsAsExpected);
        json.WriteString("listen", report.Listen.ToString());
        json.WriteNumber("upstreamRequests", report.UpstreamRequests);
        json.WriteStartArray("requests");
        foreach (var result in report.Results)
        {
            json.WriteStartObject();
            json.WriteString("from", result.Request.Sender.Name);
            json.WriteString("method", result.Request.Method);
            json.WriteString("path", result.Request.Path);
            json.WriteString("expected", result.Request.Expected);
            json.WriteString("answer", result.Answer);
            json.WriteBoolean("asExpected", result.IsAsExpected);
            json.WriteString("verdict", result.Verdict);
            json.WriteString("reason", result.Flow?.Reason.ToString());
            json.WriteString("why", result.Why);
            json.WritePropertyName("rule");
            RuleJson.Write(json, result.Flow?.Rule);
            json.WritePropertyName("nearest");
            RuleJson.Write(json, result.Flow?.Nearest?.Rule);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    /// <summary>Lines to copy while the demo stays up.</summary>
    public static void WriteInvitation(IPEndPoint listen, DemoFiles files, TextWriter output)
    {
        var port = listen.Port;
        output.WriteLine();
        output.WriteLine("Still listening. In another terminal:");
        output.WriteLine($"  curl -i --interface {DemoSender.Frontend.Address} http://127.0.0.1:{port}/api/health             # as frontend: 200");
        output.WriteLine($"  curl -i --interface {DemoSender.Frontend.Address} -X POST http://127.0.0.1:{port}/api/v1/orders  # as frontend: 403");
        output.WriteLine($"  curl -i http://127.0.0.1:{port}/api/health                                      # as nobody it knows: reset");
        output.WriteLine($"The policy is {files.Policy}; edit it and send again.");
        output.WriteLine("Ctrl+C ends the demo.");
        output.WriteLine();
    }
}
