using System.Globalization;
using System.Net;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Sidecar.Tests.NameResolution;

/// <summary>Says in one line what a client was answered.</summary>
internal static class DnsReplyText
{
    /// <summary><c>id CODE EDE n addresses…</c>; the id in hexadecimal, the error only if there is one.</summary>
    public static string Of(ReadOnlySpan<byte> message)
    {
        if ((message[2] & 0x78) != 0) // another opcode is not read
        {
            return string.Create(CultureInfo.InvariantCulture, $"{(message[0] << 8) | message[1]:x4} {(DnsResponseCode)(message[3] & 15)}");
        }

        Assert.True(DnsAnswer.TryParse(message, DnsLimits.Default, out var answer, out var error), $"{error}");
        var text = string.Create(CultureInfo.InvariantCulture, $"{answer.Id:x4} {answer.ResponseCode}");
        if (answer.Message.HasEdns)
        {
            foreach (var option in answer.Message.Edns.Options)
            {
                text += option.TryReadExtendedError(out var code, out _) ? string.Create(CultureInfo.InvariantCulture, $" EDE {code}") : "";
            }
        }

        foreach (var address in answer.Addresses)
        {
            text += $" {new IPAddress(address.Bytes)}";
        }

        return text;
    }
}
