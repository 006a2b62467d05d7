using System.Text;

namespace PolicyProxy.Protocols.Grpc;

/// <summary>
/// What a door needs to refuse a gRPC call: an HTTP 200 response whose only header block carries the status ("Trailers-Only", gRPC over
/// HTTP/2 §Responses). A 403 would reach the caller as an opaque transport error. Static and thread-safe.
/// </summary>
public static class GrpcTrailersOnly
{
    /// <summary>Media type of every gRPC message, and the content type of a refusal.</summary>
    public const string ContentType = "application/grpc";

    /// <summary>Field that carries the <see cref="GrpcStatus"/> number in decimal.</summary>
    public const string StatusField = "grpc-status";

    /// <summary>Field that carries the percent-encoded message.</summary>
    public const string MessageField = "grpc-message";

    /// <summary><see cref="GrpcStatus.PermissionDenied"/> as it stands in <see cref="StatusField"/>.</summary>
    public const string PermissionDenied = "7";

    /// <summary>
    /// True for <c>application/grpc</c>, alone or followed by <c>+</c> or <c>;</c>, without case. <c>application/grpc-web</c> is another
    /// protocol, whose clients read a plain HTTP status.
    /// </summary>
    /// <param name="contentType">Value of the Content-Type field.</param>
    public static bool IsGrpcContentType(ReadOnlySpan<char> contentType) =>
        contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';' or ' ' or '\t');

    /// <summary>Encodes a message for <see cref="MessageField"/>: UTF-8, everything outside 0x20..0x7E and <c>%</c> itself as <c>%XX</c>.</summary>
    /// <param name="message">Any text. Lone surrogates become U+FFFD.</param>
    /// <returns>The same string if nothing needs encoding.</returns>
    public static string EncodeMessage(string message)
    {
        ArgumentNullException.ThrowIfNull(message);
        if (!message.AsSpan().ContainsAnyExceptInRange(' ', '~') && !message.Contains('%', StringComparison.Ordinal))
        {
            return message;
        }

        var encoded = new StringBuilder(message.Length * 2);
        foreach (var octet in Encoding.UTF8.GetBytes(message))
        {
            if (octet is >= 0x20 and <= 0x7E and not (byte)'%')
            {
                encoded.Append((char)octet);
            }
            else
            {
                encoded.Append('%').Append(UpperHex[octet >> 4]).Append(UpperHex[octet & 0xF]);
            }
        }

        return encoded.ToString();
    }

    private const string UpperHex = "0123456789ABCDEF";
}
