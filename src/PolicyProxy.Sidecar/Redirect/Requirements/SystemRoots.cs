namespace PolicyProxy.Sidecar.Redirect.Requirements;

/// <summary>Where the kernel's file systems are read: the machine's own, or a recorded copy of another machine's.</summary>
/// <param name="Proc">Stands for <c>/proc</c>.</param>
/// <param name="Sys">Stands for <c>/sys</c>.</param>
internal sealed record SystemRoots(string Proc, string Sys)
{
    /// <summary>This machine.</summary>
    public static SystemRoots Machine { get; } = new("/proc", "/sys");

    /// <summary>The place of a path as mount tables name it.</summary>
    public string Locate(string path) =>
        path == "/sys" || path.StartsWith("/sys/", StringComparison.Ordinal) ? Sys + path[4..]
        : path.StartsWith("/proc/", StringComparison.Ordinal) ? Proc + path[5..]
        : path;

    /// <summary>A file's text without the final line end; null when it is absent or may not be read.</summary>
    public string? Read(string path)
    {
        try
        {
            return File.ReadAllText(Locate(path)).TrimEnd('\n');
        }
        catch (Exception problem) when (problem is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }
}
