using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;

namespace PolicyProxy.Sidecar.Commands;

/// <summary>Writes one indented JSON document and a line end. No reflection, so it works in the native executable.</summary>
internal static class JsonOutput
{
    // Policies are full of <, > and quotes that only HTML would need escaped; this goes to terminals and jq.
    private static readonly JsonWriterOptions Options = new() { Indented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(CommandOutput output, Action<Utf8JsonWriter> write)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, Options))
        {
            write(json);
        }

        output.Out.WriteLine(Encoding.UTF8.GetString(buffer.GetBuffer().AsSpan(0, (int)buffer.Length)));
    }
}
