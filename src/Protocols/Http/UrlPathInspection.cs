using System.Buffers;

namespace PolicyProxy.Protocols.Http;

/// <summary>
/// One careful pass over a request-target: is it valid, and can an origin read it in another form? The slow twin of
/// <see cref="UrlPath.Classify"/>'s fast path and always right.
/// </summary>
internal ref struct UrlPathInspection
{
    /// <summary>Visible ASCII without <c>#</c>. A fragment never belongs into a request-target, and origins cut it off or keep it.</summary>
    public static readonly SearchValues<char> TargetCharacters = SearchValues.Create(
        "!\"$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~");

    private readonly ReadOnlySpan<char> _path;
    private bool _literalClimb;
    private bool _escapedClimb;
    private bool _movableBorders;
    private int _firstClimb;

    private UrlPathInspection(ReadOnlySpan<char> path) => _path = path;

    /// <summary>Why the target is refused; code None if it is not.</summary>
    public ProtocolError Error { get; private set; }

    /// <summary>True if the canonical form differs from the raw one. Meaningless if there is an error.</summary>
    public bool HasOtherForm { get; private set; }

    /// <summary>Inspects a target.</summary>
    public static UrlPathInspection Run(ReadOnlySpan<char> target)
    {
        var query = target.IndexOf('?');
        var inspection = new UrlPathInspection(query < 0 ? target : target[..query]);
        var bad = target.IndexOfAnyExcept(TargetCharacters);
        if (target.IsEmpty || target[0] != '/')
        {
            inspection.Error = new(ProtocolErrorCode.HttpTargetForm, 0);
        }
        else if (bad >= 0)
        {
            inspection.Error = new(CodeFor(target[bad]), bad);
        }
        else
        {
            inspection.InspectSegments();
        }

        return inspection;
    }

    private static ProtocolErrorCode CodeFor(char character) => character switch
    {
        '#' => ProtocolErrorCode.HttpTargetFragment,
        > '\x7f' => ProtocolErrorCode.HttpTargetNonAscii,
        _ => ProtocolErrorCode.HttpTargetControl,
    };

    private void InspectSegments()
    {
        for (var i = 1; i <= _path.Length && Error.Code == ProtocolErrorCode.None;)
        {
            i = InspectSegment(i);
        }

        // see UrlPath: readings between the raw and the canonical form would lead elsewhere
        if (Error.Code == ProtocolErrorCode.None
            && ((_literalClimb && _escapedClimb) || ((_literalClimb || _escapedClimb) && _movableBorders)))
        {
            Error = new(ProtocolErrorCode.HttpTargetAmbiguous, _firstClimb);
        }
    }

    // Returns the index behind the separator that ends the segment, or path length + 1 after the last.
    private int InspectSegment(int start)
    {
        var dots = 0;
        var characters = 0;
        var escapedDot = false;
        var inParameters = false;
        var i = start;
        while (i < _path.Length)
        {
            var unit = UrlPathUnit.Read(_path, i);
            if (unit.IsSeparator)
            {
                _movableBorders |= unit.Kind != UrlPathUnitKind.Slash || characters == 0;
                HasOtherForm |= _movableBorders;
                EndSegment(start, dots == characters ? dots : 0, escapedDot);
                return i + unit.Length;
            }

            if (!Accept(unit, i))
            {
                return _path.Length + 1;
            }

            // "..%3B" is ".." for whoever decodes before looking for parameters, "..%20" for whoever trims names
            if (!inParameters && dots is 1 or 2 && dots == characters && unit is { Kind: UrlPathUnitKind.Escape, Value: ';' or <= ' ' or '\x7F' })
            {
                Error = new(ProtocolErrorCode.HttpTargetAmbiguous, start);
                return _path.Length + 1;
            }

            i += unit.Length;
            inParameters |= unit is { Kind: UrlPathUnitKind.Literal, Value: ';' };
            if (!inParameters)
            {
                characters++;
                dots += unit.Value == '.' ? 1 : 0;
                escapedDot |= unit is { Kind: UrlPathUnitKind.Decoded, Value: '.' };
            }
        }

        EndSegment(start, dots == characters ? dots : 0, escapedDot);
        return _path.Length + 1;

    }

    private void EndSegment(int start, int dots, bool escapedDot)
    {
        if (dots is not (1 or 2))
        {
            return;
        }

        HasOtherForm = true;
        _movableBorders |= dots == 1 && escapedDot;
        if (dots == 2)
        {
            _firstClimb = _literalClimb || _escapedClimb ? _firstClimb : start;
            _literalClimb |= !escapedDot;
            _escapedClimb |= escapedDot;
        }
    }

    private bool Accept(UrlPathUnit unit, int index)
    {
        switch (unit.Kind)
        {
            case UrlPathUnitKind.Malformed:
                return Refuse(ProtocolErrorCode.HttpTargetEscape, index);
            case UrlPathUnitKind.Decoded:
                HasOtherForm = true;
                return true;
            case UrlPathUnitKind.Escape:
                HasOtherForm |= char.IsAsciiLetterLower(_path[index + 1]) || char.IsAsciiLetterLower(_path[index + 2]);
                return unit.Value switch
                {
                    '\0' => Refuse(ProtocolErrorCode.HttpTargetNul, index),
                    '%' when HidesEscape(index + 3) => Refuse(ProtocolErrorCode.HttpTargetDoubleEscape, index),
                    >= '\xC0' when IsOverlong(unit.Value, index + 3) => Refuse(ProtocolErrorCode.HttpTargetOverlong, index),
                    _ => true,
                };
            case UrlPathUnitKind.Literal when unit.Value == ';':
                HasOtherForm = true;
                _movableBorders = true;
                return true;
            default:
                return true;
        }
    }

    private bool Refuse(ProtocolErrorCode code, int index)
    {
        Error = new(code, index);
        return false;
    }

    // Behind "%25": two hex digits, themselves escaped or not, that a second decoding turns into a dot, a separator or NUL.
    // "25" in between is another layer and is stepped over. Sequences like %25%32%65 and %25252e are seen this way.
    private readonly bool HidesEscape(int index)
    {
        while (true)
        {
            if (!TryReadDecoded(ref index, out var high) || !TryReadDecoded(ref index, out var low)
                || !char.IsAsciiHexDigit(high) || !char.IsAsciiHexDigit(low))
            {
                return false;
            }

            var value = (UrlPathUnit.HexValue(high) << 4) | UrlPathUnit.HexValue(low);
            if (value != '%')
            {
                return value is '.' or '/' or '\\' or '\0';
            }
        }
    }

    private readonly bool TryReadDecoded(ref int index, out char value)
    {
        value = '\0';
        if (index >= _path.Length)
        {
            return false;
        }

        var unit = UrlPathUnit.Read(_path, index);
        index += unit.Length;
        value = unit.Value;
        return true;
    }

    // RFC 3629 §3: lead bytes C0, C1, and E0/F0 with a small second byte, encode what a shorter form can (CVE-2000-0884).
    private readonly bool IsOverlong(char lead, int index)
    {
        if (!TryReadDecoded(ref index, out var second))
        {
            return false;
        }

        return lead switch
        {
            '\xC0' or '\xC1' => second is >= '\x80' and <= '\xBF',
            '\xE0' => second is >= '\x80' and <= '\x9F',
            '\xF0' => second is >= '\x80' and <= '\x8F',
            _ => false,
        };
    }
}
