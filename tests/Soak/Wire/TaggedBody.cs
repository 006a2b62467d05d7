using System.Globalization;
using System.Text;

namespace PolicyProxy.Soak.Wire;

/// <summary>A body that says whose it is at every byte: the 16 hex digits of the exchange's number, over and over.</summary>
internal sealed class TaggedBody
{
    private const int TagBytes = 16;

    private readonly byte[] _tag;

    public TaggedBody(long id) => _tag = Encoding.ASCII.GetBytes(Tag(id));

    public static string Tag(long id) => id.ToString("x16", CultureInfo.InvariantCulture);

    public static bool TryReadTag(ReadOnlySpan<char> text, out long id) => long.TryParse(text, NumberStyles.HexNumber, CultureInfo.InvariantCulture, out id);

    /// <summary>Writes the part of the body that starts at an offset.</summary>
    public void Fill(Span<byte> part, int offset)
    {
        var first = Math.Min(TagBytes, part.Length);
        for (var i = 0; i < first; i++)
        {
            part[i] = _tag[(offset + i) % TagBytes];
        }

        for (var done = first; done < part.Length; done *= 2)
        {
            part[..Math.Min(done, part.Length - done)].CopyTo(part[done..]);
        }
    }

    /// <summary>True if the part of a body that starts at an offset is this body's.</summary>
    public bool Matches(ReadOnlySpan<byte> part, int offset)
    {
        var first = Math.Min(TagBytes, part.Length);
        for (var i = 0; i < first; i++)
        {
            if (part[i] != _tag[(offset + i) % TagBytes])
            {
                return false;
            }
        }

        // Every later byte repeats the one a tag before it.
        return part[first..].SequenceEqual(part[..^first]);
    }
}
