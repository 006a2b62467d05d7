using PolicyProxy.Sidecar.Redirect;
using PolicyProxy.Sidecar.Redirect.Instances;

namespace PolicyProxy.Sidecar.Commands.Diagnosing;

/// <summary>Prints the instances there are.</summary>
internal static class InstanceListWriter
{
    /// <summary>One line for each: name, proxy, confined processes, links.</summary>
    public static void WriteText(IReadOnlyList<Instance> instances, CommandOutput output)
    {
        if (instances.Count == 0)
        {
            output.Out.WriteLine("no instances");
        }

        foreach (var instance in instances)
        {
            var proxy = instance.IsServed ? $"proxy alive ({string.Join(' ', instance.Server)})" : "proxy dead";
            var work = instance.Work.IsPopulated ? $"confines {List(instance.Work)}" : "confines nothing";
            output.Out.WriteLine($"{instance.Name}: {proxy}, {work}, {Links(instance)} pinned links");
        }
    }

    public static void WriteJson(IReadOnlyList<Instance> instances, CommandOutput output) => JsonOutput.Write(output, json =>
    {
        json.WriteStartObject();
        json.WriteStartArray("instances");
        foreach (var instance in instances)
        {
            json.WriteStartObject();
            json.WriteString("name", instance.Name);
            json.WriteBoolean("proxyAlive", instance.IsServed);
            WriteNumbers(json, "proxy", instance.Server);
            WriteNumbers(json, "workload", instance.Work.Processes);
            json.WriteNumber("links", Links(instance));
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.WriteEndObject();
    });

    private static void WriteNumbers(System.Text.Json.Utf8JsonWriter json, string name, IReadOnlyList<int> numbers)
    {
        json.WriteStartArray(name);
        foreach (var number in numbers)
        {
            json.WriteNumberValue(number);
        }

        json.WriteEndArray();
    }

    private static int Links(Instance instance) => instance.Pins.Count(pin => pin.Kind == PinKind.Link);

    private static string List(CgroupDirectory group) => string.Join(' ', group.Processes);
}
