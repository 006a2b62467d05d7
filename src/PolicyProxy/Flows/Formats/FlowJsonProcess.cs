using System.Globalization;
using System.Text.Json;
using PolicyProxy.Gate;

namespace PolicyProxy.Flows.Formats;

/// <summary>
/// The process behind a flow. Hubble has a field for its cgroup only; the rest travels in <c>extensions</c> as a <c>google.protobuf.Struct</c>,
/// a type its reader knows: of one that it does not know it would refuse the whole line.
/// </summary>
internal static class FlowJsonProcess
{
    /// <summary>Writes the fields into the flow that is open; nothing if the process is not known.</summary>
    public static void Write(Utf8JsonWriter json, WorkloadProcess? process)
    {
        if (process is null)
        {
            return;
        }

        if (process.CgroupId != 0)
        {
            json.WriteString("cgroup_id"u8, process.CgroupId.ToString(CultureInfo.InvariantCulture));
        }

        json.WriteStartObject("extensions"u8);
        json.WriteString("@type"u8, "type.googleapis.com/google.protobuf.Struct"u8);
        json.WriteStartObject("value"u8);
        json.WriteStartObject("process"u8);
        json.WriteNumber("pid"u8, process.Id);
        json.WriteString("command"u8, process.Command);
        json.WriteNumber("uid"u8, process.UserId);

        // numbers of a Struct are doubles, which end at 2^53
        json.WriteString("cgroup_id"u8, process.CgroupId.ToString(CultureInfo.InvariantCulture));
        json.WriteEndObject();
        json.WriteEndObject();
        json.WriteEndObject();
    }
}
