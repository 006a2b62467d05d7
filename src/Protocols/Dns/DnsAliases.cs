namespace PolicyProxy.Protocols.Dns;

/// <summary>
/// Follows CNAME records from the question name; its own enumerator, so copy it to start over. Records are looked for from the last one
/// found and then from the start: servers write chains in order, so that one pass is the rule, but nothing says that they must.
/// </summary>
public ref struct DnsAliases
{
    private readonly DnsMessage _message;
    private DnsRecords _rest;
    private DnsWireName _name;
    private int _left;
    private int _records;

    internal DnsAliases(DnsMessage message, int most)
    {
        _message = message;
        _rest = message.Answers;
        _name = message.Question.Name;
        _left = most;
        _records = message.AliasRecordCount;
    }

    /// <summary>The name that the chain has reached: the question name before the first <see cref="MoveNext"/>.</summary>
    public readonly DnsWireName Current => _name;

    /// <summary>TTL of the record that led here, in seconds.</summary>
    public int CurrentTtl { get; private set; }

    /// <summary>Goes to the next name; false at the end of the chain or at the limit.</summary>
    public bool MoveNext()
    {
        if (_left <= 0 || _records <= 0 || !TryFind(ref _rest, out var record))
        {
            return false;
        }

        _left--;
        _records--;
        _name = record.Target;
        CurrentTtl = record.Ttl;
        return true;
    }

    /// <summary>A fresh enumerator.</summary>
    public readonly DnsAliases GetEnumerator() => this;

    /// <summary>True if the chain goes on where <see cref="MoveNext"/> ended it: at the limit, or in a circle.</summary>
    internal readonly bool HasMore()
    {
        var records = _message.Answers;
        return _message.AliasRecordCount > 0 && (_left <= 0 || _records <= 0) && TryFindIn(ref records, out _);
    }

    private readonly bool TryFind(scoped ref DnsRecords rest, out DnsResourceRecord record)
    {
        if (TryFindIn(ref rest, out record))
        {
            return true;
        }

        rest = _message.Answers;
        return TryFindIn(ref rest, out record);
    }

    private readonly bool TryFindIn(scoped ref DnsRecords records, out DnsResourceRecord record)
    {
        while (records.MoveNext())
        {
            record = records.Current;
            if (record is { Type: DnsQueryType.CName, Class: DnsQueryType.ClassIn } && record.Name.IsSame(_name))
            {
                return true;
            }
        }

        record = default;
        return false;
    }
}
