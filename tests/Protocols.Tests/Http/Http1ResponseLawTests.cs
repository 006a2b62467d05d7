using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1ResponseLawTests : MessageViewLaws
{
    protected override IReadOnlyList<byte[]> Messages => Http1Heads.Responses;

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error)
    {
        if (!Http1Response.TryParse(message, Http1ResponseTo.Other, HttpLimits.Default, out var response, out error))
        {
            return false;
        }

        var bytes = response.Reason.Length;
        foreach (var field in response.Fields)
        {
            bytes += field.Name.Length + field.Value.Length;
        }

        return bytes >= 0;
    }
}
