namespace PolicyProxy.Protocols.Http;

/// <summary>The elements of a comma-separated field value without quoted strings, trimmed; empty ones are left out (RFC 9110 §5.6.1).</summary>
internal ref struct Http1ListItems(ReadOnlySpan<byte> value)
{
    private ReadOnlySpan<byte> _rest = value;

    public ReadOnlySpan<byte> Current { get; private set; }

    public bool MoveNext()
    {
        while (!_rest.IsEmpty)
        {
            var comma = _rest.IndexOf((byte)',');
            Current = Http1Syntax.TrimWhitespace(comma < 0 ? _rest : _rest[..comma]);
            _rest = comma < 0 ? default : _rest[(comma + 1)..];
            if (!Current.IsEmpty)
            {
                return true;
            }
        }

        return false;
    }

    public readonly Http1ListItems GetEnumerator() => this;
}
