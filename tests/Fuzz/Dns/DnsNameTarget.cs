using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Fuzz.Dns;

/// <summary><see cref="DnsName"/> on two names, separated by the first line feed.</summary>
internal sealed class DnsNameTarget : FuzzTarget
{
    /// <inheritdoc/>
    public override string Name => "dns-name";

    /// <inheritdoc/>
    public override string Dictionary => "dns.dict";

    /// <inheritdoc/>
    public override IReadOnlyList<byte[]> Seeds { get; } =
    [
        .. new[] { "api.example", "API.Pay.Example.\napi.pay.example", "a\\.\na\\.", "a\\\\.\n.", "_svc._tcp.\\032x.\n", "*.example.com\nxn--caf-dma.example." }
            .Select(RecordedMessages.Bytes),
    ];

    /// <inheritdoc/>
    public override FuzzOutcome Run(byte[] input)
    {
        var names = Encoding.Latin1.GetString(input).Split('\n', 2);
        var first = Check(names[0]);
        var second = Check(names[^1]);
        Law.Same(DnsName.Equals(names[0], names[^1]), DnsName.Equals(names[^1], names[0]), "equality has no direction");
        Law.Holds(first is null || second is null || DnsName.Equals(names[0], names[^1]) == (first == second), "names are equal exactly when their normal forms are");
        return first is not null && DnsName.CheckLength(names[0]).Code == ProtocolErrorCode.None ? FuzzOutcome.Accepted : FuzzOutcome.Refused;
    }

    // The normal form; null without one
    private static string? Check(string name)
    {
        var problem = DnsName.CheckLength(name);
        Law.Holds(problem.Offset >= 0 && problem.Offset <= name.Length, "the offset of an error is inside the name");
        Law.Holds(DnsName.Equals(name, name) == Ascii.IsValid(name), "every name in ASCII equals itself");
        Law.Same(DnsName.IsFullyQualified(name), DnsName.TrimFinalDot(name).Length == name.Length - 1, "a final dot is taken off");
        var buffer = new char[name.Length];
        if (!DnsName.TryNormalize(name, buffer, out var written))
        {
            Law.Holds(!Ascii.IsValid(name), "every name in ASCII has a normal form");
            return null;
        }

        var normal = new string(buffer, 0, written);
        Law.Same(DnsName.TrimFinalDot(name).ToString().ToLowerInvariant(), normal, "the normal form is lower case without the final dot");
        Law.Same(problem.Code, DnsName.CheckLength(normal).Code, "the normal form is as long as the name");
        return normal;
    }
}
