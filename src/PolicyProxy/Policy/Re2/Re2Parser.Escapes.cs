namespace PolicyProxy.Policy.Re2;

internal sealed partial class Re2Parser
{
    private bool ReadBackslash()
    {
        var start = _position;
        switch (start + 1 < _pattern.Length ? _pattern[start + 1] : '\0')
        {
            case 'A':
                return PushAssertion(Re2Assertion.BeginText, 2);
            case 'z':
                return PushAssertion(Re2Assertion.EndText, 2);
            case 'b':
                return PushAssertion(Re2Assertion.WordBoundary, 2);
            case 'B':
                return PushAssertion(Re2Assertion.NoWordBoundary, 2);
            case 'C':
                return Fail("invalid escape sequence", start, start + 2);
            case 'Q':
                return ReadQuotation();
        }

        if (!TryReadNamedClass(out var ranges))
        {
            return false;
        }

        if (ranges is not null)
        {
            return Push(Re2Node.Class(ranges), start);
        }

        return TryReadEscape(out var codePoint) && PushLiteral(codePoint, start);
    }

    private bool ReadQuotation()
    {
        var start = _position + 2;
        var end = _pattern.IndexOf(@"\E", start, StringComparison.Ordinal);
        var next = end < 0 ? _pattern.Length : end + 2;
        end = end < 0 ? _pattern.Length : end;
        for (_position = start; _position < end;)
        {
            var at = _position;
            if (!TryReadCodePoint(out var codePoint) || !PushLiteral(codePoint, at))
            {
                return false;
            }
        }

        _position = next;
        return true;
    }

    // One escaped code point; the position is on the backslash.
    private bool TryReadEscape(out int codePoint)
    {
        var start = _position++;
        codePoint = -1;
        if (_position >= _pattern.Length)
        {
            return Fail("trailing backslash at end of expression", start, start + 1);
        }

        if (!TryReadCodePoint(out var letter))
        {
            return false;
        }

        switch (letter)
        {
            // A single non-zero digit would be a backreference, which RE2 does not have.
            case >= '1' and <= '7' when Current is >= '0' and <= '7':
            case '0':
                codePoint = letter - '0';
                for (var i = 1; i < 3 && Current is >= '0' and <= '7'; i++)
                {
                    codePoint = (codePoint * 8) + (_pattern[_position++] - '0');
                }

                return true;
            case 'x':
                if (!TryReadHex(out codePoint))
                {
                    return false;
                }

                break;
            case 'a':
                codePoint = '\a';
                break;
            case 'f':
                codePoint = '\f';
                break;
            case 'n':
                codePoint = '\n';
                break;
            case 'r':
                codePoint = '\r';
                break;
            case 't':
                codePoint = '\t';
                break;
            case 'v':
                codePoint = '\v';
                break;
            case < 0x80 when !char.IsAsciiLetterOrDigit((char)letter):
                codePoint = letter;
                break;
        }

        return codePoint >= 0 || Fail("invalid escape sequence", start, _position);
    }

    // \x7F or \x{10FFFF}; -1 when it is neither. False only for text that is not Unicode.
    private bool TryReadHex(out int codePoint)
    {
        codePoint = -1;
        if (!TryReadCodePoint(out var first))
        {
            return false;
        }

        if (first != '{')
        {
            if (first < 0 || !TryReadCodePoint(out var second))
            {
                return first < 0;
            }

            if (HexValue(first) >= 0 && HexValue(second) >= 0)
            {
                codePoint = (HexValue(first) * 16) + HexValue(second);
            }

            return true;
        }

        var value = 0;
        for (var digits = 0; TryReadCodePoint(out var digit); digits++)
        {
            if (digit == '}')
            {
                codePoint = digits > 0 ? value : -1;
                return true;
            }

            value = (value * 16) + HexValue(digit);
            if (HexValue(digit) < 0 || value > CodePointSet.Last)
            {
                return true;
            }
        }

        return false;
    }

    private static int HexValue(int digit) => digit is >= 0 and < 0x80 && char.IsAsciiHexDigit((char)digit)
        ? digit <= '9' ? digit - '0' : (digit | 0x20) - 'a' + 10
        : -1;
}
