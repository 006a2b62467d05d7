using PolicyProxy.Protocols.Http;
using PolicyProxy.Protocols.Tests.Laws;

namespace PolicyProxy.Protocols.Tests.Http;

public class Http1RequestLawTests : MessageViewLaws
{
    private readonly char[] _scratch = new char[HttpLimits.Default.MaxScratchChars];

    protected override IReadOnlyList<byte[]> Messages => Http1Heads.Requests;

    protected override bool TryRead(ReadOnlySpan<byte> message, out ProtocolError error)
    {
        if (!Http1Request.TryParse(message, HttpLimits.Default, _scratch, out var request, out error))
        {
            return false;
        }

        var characters = request.Method.Length + request.Path.Length + request.Authority.Length + request.Scheme.Length + request.Protocol.Length;
        foreach (var field in request.Fields)
        {
            characters += field.Name.Length + field.Value.Length;
        }

        return characters > 0 | request.HasHeader("accept") | request.HeaderEquals("accept", "*/*") | request.HeaderStartsWith("content-type", "application/grpc");
    }
}
