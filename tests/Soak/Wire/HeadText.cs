using System.Globalization;

namespace PolicyProxy.Soak.Wire;

/// <summary>A head read by <see cref="WireReader"/>, looked into line by line.</summary>
internal readonly record struct HeadText(string Text)
{
    /// <summary>The request line or the status line.</summary>
    public string StartLine => Text.Split("\r\n", 2)[0];

    /// <summary>The status of a response.</summary>
    public int Status => int.Parse(StartLine.AsSpan(9, 3), CultureInfo.InvariantCulture);

    /// <summary>Null = the field is absent.</summary>
    public long? ContentLength => Field("Content-Length") is { } text ? long.Parse(text, CultureInfo.InvariantCulture) : null;

    public bool IsChunked => string.Equals(Field("Transfer-Encoding"), "chunked", StringComparison.OrdinalIgnoreCase);

    /// <summary>True if the sender says that the connection ends after this message.</summary>
    public bool Closes => string.Equals(Field("Connection"), "close", StringComparison.OrdinalIgnoreCase);

    /// <summary>The value of the first field of this name; null = absent.</summary>
    public string? Field(string name)
    {
        foreach (var range in Text.AsSpan().Split("\r\n"))
        {
            var line = Text.AsSpan(range);
            if (line.Length > name.Length && line[name.Length] == ':' && line.StartsWith(name, StringComparison.OrdinalIgnoreCase))
            {
                return line[(name.Length + 1)..].Trim().ToString();
            }
        }

        return null;
    }
}
