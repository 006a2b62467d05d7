namespace PolicyProxy.TestKit.Origins;

/// <summary>Temporary folders that a server can use which gives up the rights of its starter.</summary>
internal static class OriginFolder
{
    private const UnixFileMode Everything =
        UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute
        | UnixFileMode.GroupRead | UnixFileMode.GroupWrite | UnixFileMode.GroupExecute
        | UnixFileMode.OtherRead | UnixFileMode.OtherWrite | UnixFileMode.OtherExecute;

    public static DirectoryInfo Create()
    {
        var folder = Directory.CreateTempSubdirectory("origin-");
        Open(folder.FullName);
        return folder;
    }

    /// <summary>Removes a folder whose server may still be tidying up: what it removes itself meanwhile is as good.</summary>
    public static void Remove(DirectoryInfo folder)
    {
        try
        {
            folder.Delete(recursive: true);
        }
        catch (DirectoryNotFoundException)
        {
            // gone
        }
    }

    /// <summary>Lets everybody use a file or folder.</summary>
    public static void Open(string path)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, Everything);
        }
    }
}
