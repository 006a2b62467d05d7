using BenchmarkDotNet.Attributes;
using PolicyProxy.Policy.Identities;
using PolicyProxy.Protocols.Dns;

namespace PolicyProxy.Benchmarks.Protocols;

/// <summary>Cost of one query, read and its name looked up among 10,000 patterns; of one answer; of one refusal.</summary>
[MemoryDiagnoser]
public class DnsMessageBenchmarks
{
    // dig: A of www.eu.zone1.example with EDNS and a cookie
    private readonly byte[] _query = Convert.FromHexString(
        "1234012000010000000000010377777702657505" + "7A6F6E6531076578616D706C650000010001000029" + "04D00000000000" + "0C000A00080102030405060708");

    // unbound: two aliases and two addresses
    private readonly byte[] _answer = Convert.FromHexString(
        "1234818000010004000000000377777704" + "7A6F6E650474657374" + "0000010001C00C000500010000003C00070473686F70C010" +
        "C02B0005000100000014000B046564676503" + "63646EC010" + "C03E0001000100000078" + "0004C0000201" + "C03E0001000100000078" + "0004C0000202");

    private readonly char[] _scratch = new char[DnsName.MaxPresentationChars];
    private readonly byte[] _destination = new byte[DnsReplyWriter.MaxBytes];
    private FqdnPatternSet _set = new([]);

    [GlobalSetup]
    public void Setup()
    {
        _set = new FqdnPatternSet(Enumerable.Range(0, 10_000).Select(i => Parse((i % 4) switch { 0 => $"*.team{i}.example", 1 => $"**.zone{i}.example", _ => $"host{i}.example" })));
        if (QueryAndName() != 1 || Answer() != 2)
        {
            throw new InvalidOperationException("the messages are not read as they are meant");
        }
    }

    [Benchmark(Baseline = true)]
    public int Query() => Read().Type;

    [Benchmark]
    public int QueryAndName() => _set.IndexOfFirst(Read().Name);

    [Benchmark]
    public int Answer()
    {
        if (!DnsAnswer.TryParse(_answer, DnsLimits.Default, out var answer, out var error))
        {
            throw new InvalidOperationException(error.ToString());
        }

        var count = 0;
        foreach (var address in answer.Addresses)
        {
            count += address.Bytes.Length / 4;
        }

        return count;
    }

    [Benchmark]
    public int Refusal() =>
        DnsReplyWriter.Write(_query, new() { ResponseCode = DnsResponseCode.Refused, ExtendedError = DnsExtendedErrorCode.Prohibited, Text = "policy"u8 }, _destination);

    private DnsQuery Read() =>
        DnsQuery.TryParse(_query, DnsLimits.Default, _scratch, out var query, out var error) ? query : throw new InvalidOperationException(error.ToString());

    private static FqdnPattern Parse(string text) =>
        FqdnPattern.TryParsePattern(text, FqdnPatternUse.ToFqdns, out var pattern, out var reason) ? pattern : throw new ArgumentException(reason);
}
