using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// Finds two fields of one head that are one variable for applications behind CGI, FastCGI or WSGI: <c>X-Team</c> and <c>X_Team</c> are
/// both HTTP_X_TEAM (RFC 3875 §4.1.18), and lighttpd makes an underscore of every character that is neither letter nor digit. Policy would
/// judge one of them and the application use the other.
/// </summary>
internal static class Http1FieldLookalikes
{
    /// <summary>What names can hold besides letters, digits and hyphens.</summary>
    public static readonly SearchValues<byte> UnusualBytes = SearchValues.Create("!#$%&'*+.^_`|~"u8);

    /// <summary>True if there are two such fields among the lines from <paramref name="offset"/> on, which have been checked.</summary>
    public static bool AreIn(ReadOnlySpan<byte> head, int offset)
    {
        for (var reader = new Http1FieldReader(head, offset); reader.MoveNext();)
        {
            if (reader.Name.ContainsAny(UnusualBytes) && HasLookalike(head, offset, reader.Name))
            {
                return true;
            }
        }

        return false;
    }

    private static bool HasLookalike(ReadOnlySpan<byte> head, int offset, ReadOnlySpan<byte> name)
    {
        for (var reader = new Http1FieldReader(head, offset); reader.MoveNext();)
        {
            if (reader.Name.Length == name.Length && IsLookalike(reader.Name, name))
            {
                return true;
            }
        }

        return false;
    }

    // Same letters and digits at the same places, and not the same name
    private static bool IsLookalike(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second)
    {
        for (var i = 0; i < first.Length; i++)
        {
            var isPlain = char.IsAsciiLetterOrDigit((char)first[i]) || char.IsAsciiLetterOrDigit((char)second[i]);
            if (isPlain && !System.Text.Ascii.EqualsIgnoreCase(first.Slice(i, 1), second.Slice(i, 1)))
            {
                return false;
            }
        }

        return !System.Text.Ascii.EqualsIgnoreCase(first, second);
    }
}
