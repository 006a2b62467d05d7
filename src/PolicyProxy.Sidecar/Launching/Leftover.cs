namespace PolicyProxy.Sidecar.Launching;

/// <summary>A process that outlived the command it came from, and was ended.</summary>
/// <param name="Id">Process id.</param>
/// <param name="Command">Its command name; empty when it was gone before it could be read.</param>
internal sealed record Leftover(int Id, string Command)
{
    public override string ToString() => Command.Length == 0 ? Id.ToString(System.Globalization.CultureInfo.InvariantCulture) : $"{Id} {Command}";

    public static Leftover Of(int id)
    {
        try
        {
            return new Leftover(id, File.ReadAllText($"/proc/{id}/comm").TrimEnd());
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return new Leftover(id, string.Empty);
        }
    }
}
