namespace PolicyProxy.Policy.Re2;

internal sealed partial class Re2Parser
{
    private static readonly int[] AnyButLineFeed = CodePointSet.Negate(['\n', '\n']);

    // \d \D \s \S \w \W \pN \p{Greek} \PN \P{Greek} \p{^Greek}; null when something else follows.
    private bool TryReadNamedClass(out int[]? ranges)
    {
        ranges = null;
        if (Current != '\\' || _position + 1 >= _pattern.Length)
        {
            return true;
        }

        var letter = _pattern[_position + 1];
        if (letter is 'p' or 'P')
        {
            return TryReadUnicodeClass(letter == 'P', out ranges);
        }

        if (NamedClasses.FindPerl(char.ToLowerInvariant(letter)) is { } found)
        {
            _position += 2;
            ranges = Adjust(found, negate: char.IsAsciiLetterUpper(letter));
        }

        return true;
    }

    private bool TryReadUnicodeClass(bool negate, out int[]? ranges)
    {
        var start = _position;
        ranges = null;
        _position += 2;
        var nameStart = _position;
        if (!TryReadCodePoint(out var first))
        {
            return false;
        }

        var nameEnd = _position;
        if (first == '{')
        {
            nameStart++;
            nameEnd = _pattern.IndexOf('}', start);
            if (nameEnd < 0)
            {
                return Fail("invalid character class range", start, _pattern.Length);
            }

            _position = nameEnd + 1;
        }

        if (nameStart < nameEnd && _pattern[nameStart] == '^')
        {
            negate = !negate;
            nameStart++;
        }

        if (NamedClasses.FindUnicode(_pattern[nameStart..nameEnd]) is not { } found)
        {
            return Fail("invalid character class range", start, _position);
        }

        ranges = Adjust(found, negate);
        return true;
    }

    private int[] Adjust(int[] ranges, bool negate)
    {
        if (Folds)
        {
            var set = new CodePointSet();
            set.Add(ranges, fold: true);
            ranges = set.ToRanges();
        }

        return negate ? CodePointSet.Negate(ranges) : ranges;
    }

    private bool ReadClass()
    {
        var start = _position++;
        var negate = Current == '^';
        if (negate)
        {
            _position++;
        }

        var set = new CodePointSet();
        for (var isFirst = true; isFirst || Current != ']' || _position >= _pattern.Length; isFirst = false)
        {
            if (!ReadClassItem(set, start))
            {
                return false;
            }
        }

        _position++;
        var ranges = set.ToRanges();
        return Push(Re2Node.Class(negate ? CodePointSet.Negate(ranges) : ranges), start);
    }

    private bool ReadClassItem(CodePointSet set, int classStart)
    {
        var start = _position;
        if (!TryReadPosixClass(out var ranges) || (ranges is null && !TryReadNamedClass(out ranges)))
        {
            return false;
        }

        if (ranges is not null)
        {
            // Folding and negation are done; [^[:^alpha:]] negates twice.
            set.Add(ranges, fold: false);
            return true;
        }

        if (!TryReadClassCodePoint(classStart, out var first))
        {
            return false;
        }

        var last = first;
        if (Current == '-' && _position + 1 < _pattern.Length && _pattern[_position + 1] != ']')
        {
            _position++;
            if (!TryReadClassCodePoint(classStart, out last))
            {
                return false;
            }

            if (last < first)
            {
                return Fail("invalid character class range", start, _position);
            }
        }

        set.Add([first, last], Folds);
        return true;
    }

    private bool TryReadClassCodePoint(int classStart, out int codePoint)
    {
        if (_position < _pattern.Length)
        {
            return Current == '\\' ? TryReadEscape(out codePoint) : TryReadCodePoint(out codePoint);
        }

        codePoint = -1;
        return Fail("missing closing ]", classStart, _pattern.Length);
    }

    // [:alpha:] and [:^alpha:]; null when something else follows.
    private bool TryReadPosixClass(out int[]? ranges)
    {
        ranges = null;
        if (_pattern.Length - _position <= 2 || Current != '[' || _pattern[_position + 1] != ':')
        {
            return true;
        }

        var end = _pattern.IndexOf(":]", _position + 2, StringComparison.Ordinal);
        if (end < 0)
        {
            return true;
        }

        var nameStart = _position + 2;
        var negate = nameStart < end && _pattern[nameStart] == '^';
        if (NamedClasses.FindPosix(_pattern[(negate ? nameStart + 1 : nameStart)..end]) is not { } found)
        {
            return Fail("invalid character class range", _position, end + 2);
        }

        _position = end + 2;
        ranges = Adjust(found, negate);
        return true;
    }
}
