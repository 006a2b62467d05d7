using System.Globalization;

namespace PolicyProxy.Sidecar.Launching;

/// <summary>Fields of this process's <c>/proc/self/status</c>.</summary>
internal static class ProcessStatus
{
    /// <summary>A field that is a hexadecimal number, such as <c>CapEff</c>; 0 if this kernel does not have it.</summary>
    public static ulong Hex(string field)
    {
        foreach (var line in File.ReadLines("/proc/self/status"))
        {
            if (line.StartsWith(field, StringComparison.Ordinal) && line.Length > field.Length && line[field.Length] == ':')
            {
                return ulong.Parse(line.AsSpan(field.Length + 1).Trim(), NumberStyles.HexNumber, CultureInfo.InvariantCulture);
            }
        }

        return 0;
    }
}
