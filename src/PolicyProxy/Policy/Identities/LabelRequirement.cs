namespace PolicyProxy.Policy.Identities;

/// <summary>Operators of label requirements (semantics 2.2).</summary>
internal enum LabelOperator
{
    In,
    NotIn,
    Exists,
    DoesNotExist,
}

/// <summary>One requirement on one label key (semantics 2.2). Source <c>any</c> looks at the first label with the key, whatever its source.</summary>
internal sealed class LabelRequirement
{
    private readonly string[] _values;
    private readonly IpPrefix? _cidr;

    public LabelRequirement(string source, string key, LabelOperator op, IEnumerable<string> values)
    {
        Source = source;
        Key = key;
        Operator = op;
        _values = [.. values.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)];
        _cidr = source == Label.CidrSource && IpPrefix.TryParse(FromLabelKey(key), out var prefix) ? prefix : null;
    }

    public string Source { get; }

    public string Key { get; }

    public LabelOperator Operator { get; }

    public IReadOnlyList<string> Values => _values;

    /// <summary>Networks a <c>cidr:</c> key speaks of; identities must respect their boundaries.</summary>
    public IpPrefix? Cidr => _cidr;

    public bool IsMet(Identity identity)
    {
        var found = Find(identity, out var value);
        return Operator switch
        {
            LabelOperator.In => found && Array.IndexOf(_values, value) >= 0,
            LabelOperator.NotIn => !found || Array.IndexOf(_values, value) < 0,
            LabelOperator.Exists => found,
            _ => !found,
        };
    }

    public override string ToString()
    {
        var op = Operator switch
        {
            LabelOperator.In => $" in ({string.Join(',', _values)})",
            LabelOperator.NotIn => $" notin ({string.Join(',', _values)})",
            LabelOperator.Exists => " exists",
            _ => " absent",
        };
        return $"{Source}:{Key}{op}";
    }

    private bool Find(Identity identity, out string value)
    {
        if (_cidr is { } cidr)
        {
            value = string.Empty;
            return identity.Cidr is { } own && cidr.Contains(own);
        }

        foreach (ref readonly var label in identity.Labels.Span)
        {
            if (label.Key == Key && (Source == Label.AnySource || label.Source == Source))
            {
                value = label.Value;
                return true;
            }
        }

        value = string.Empty;
        return false;
    }

    // Label keys cannot hold ':', so IPv6 networks are written with '-' and padded with 0 at the ends (semantics 2.1).
    private static string FromLabelKey(string key) => key.Contains('.', StringComparison.Ordinal) ? key : key.Replace('-', ':');
}
