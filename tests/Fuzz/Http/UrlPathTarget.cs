using System.Text;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary><see cref="UrlPath"/> alone, so that a fuzzer needs no request around its targets.</summary>
internal sealed class UrlPathTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "url-path";

    /// <inheritdoc/>
    public override string Dictionary => "url-path.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. RecordedMessages.HttpRequests.Select(head => Encoding.Latin1.GetString(head).Split(' ')[1]).Distinct().Select(RecordedMessages.Bytes),
        .. new[] { "/a/./b//c/../d", "/a%2Fb;x=1/%2e%2E/c%5c?x=%2f;", "/%c3%a9/%25/%252e" }.Select(RecordedMessages.Bytes),
    ];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input) =>
        UrlPathLaw.Check(Encoding.Latin1.GetString(input)) == UrlPathForm.Invalid ? FuzzOutcome.Refused : FuzzOutcome.Accepted;
}
