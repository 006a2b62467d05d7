namespace PolicyProxy.Protocols.Dns;

/// <summary>The addresses an answer teaches, repeated if repeated; its own enumerator, so copy it to start over.</summary>
public ref struct DnsAddresses
{
    private readonly DnsWireName _owner;
    private readonly int _aliasTtl;
    private DnsRecords _records;
    private DnsResourceRecord _current;

    internal DnsAddresses(DnsRecords answers, DnsWireName owner, int aliasTtl)
    {
        _records = answers;
        _owner = owner;
        _aliasTtl = aliasTtl;
    }

    /// <summary>The address at hand; only after <see cref="MoveNext"/> gave true.</summary>
    public readonly DnsAddress Current => new(_current.Address, Math.Min(_aliasTtl, _current.Ttl));

    /// <summary>Goes to the next address.</summary>
    public bool MoveNext()
    {
        while (_records.MoveNext())
        {
            _current = _records.Current;
            if (!_current.Address.IsEmpty && _current.Name.IsSame(_owner))
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsAddresses GetEnumerator() => this;
}

/// <summary>One address of an answer.</summary>
public readonly ref struct DnsAddress
{
    internal DnsAddress(ReadOnlySpan<byte> bytes, int ttl)
    {
        Bytes = bytes;
        Ttl = ttl;
    }

    /// <summary>4 bytes of IPv4 or 16 of IPv6 in network order.</summary>
    public ReadOnlySpan<byte> Bytes { get; }

    /// <summary>Seconds the address may be kept: the least of its own TTL and those of the aliases that led to it.</summary>
    public int Ttl { get; }
}
