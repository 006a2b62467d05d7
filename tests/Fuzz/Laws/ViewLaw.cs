using PolicyProxy.Protocols;

namespace PolicyProxy.Fuzz.Laws;

/// <summary>Parses a message and reads everything its view offers.</summary>
internal delegate bool ViewReader(ReadOnlySpan<byte> message, out ProtocolError error);

/// <summary>What every view on a complete message obeys for any input, valid or not.</summary>
internal static class ViewLaw
{
    /// <summary>Reads the input; a refusal has to give a reason and a place inside the input, and an accepted message must have neither.</summary>
    /// <returns>True if the input was accepted.</returns>
    public static bool Check(ViewReader read, ReadOnlySpan<byte> input)
    {
        var isRead = read(input, out var error);
        Law.Holds(isRead == (error.Code == ProtocolErrorCode.None), "a refusal and only that has an error");
        Law.Holds(error.Offset >= 0 && error.Offset <= input.Length, "the offset of an error is inside the input");
        Law.Holds(!isRead || error == default, "what is accepted has no error");
        return isRead;
    }

    /// <summary>An accepted message must not be accepted when it is cut short to one of these lengths.</summary>
    public static void CheckPrefixes(ViewReader read, ReadOnlySpan<byte> message, IEnumerable<int> lengths)
    {
        foreach (var length in lengths)
        {
            Law.Holds(length >= message.Length || !Check(read, message[..length]), "a proper prefix of a message is no message");
        }
    }
}
