namespace PolicyProxy.Policy.Re2;

internal sealed partial class Re2Parser
{
    private bool ReadOpenParenthesis()
    {
        if (_position + 1 < _pattern.Length && _pattern[_position + 1] == '?')
        {
            return ReadGroupOptions();
        }

        Open(isCapture: true, _position, _options);
        _position++;
        return true;
    }

    private void Open(bool isCapture, int start, Options outer)
    {
        _enclosing.Push(_frame);
        _frame = new Frame(start, isCapture, outer);
    }

    private bool ReadCloseParenthesis()
    {
        if (_enclosing.Count == 0)
        {
            return Fail("unexpected )", _position, _position + 1);
        }

        _position++;
        var group = _frame;
        _options = group.Outer;
        _frame = _enclosing.Pop();
        return Push(group.Close(), group.Start);
    }

    // (?P<name>…) (?<name>…) (?flags) (?flags:…)
    private bool ReadGroupOptions()
    {
        var start = _position;
        var afterName = (_pattern.Length - start) switch
        {
            > 4 when _pattern[start + 2] == 'P' && _pattern[start + 3] == '<' => start + 4,
            > 3 when _pattern[start + 2] == '<' => start + 3,
            _ => -1,
        };
        if (afterName >= 0)
        {
            return ReadNamedGroup(start, afterName);
        }

        var options = _options;
        var set = true;
        var any = false;
        for (_position = start + 2; _position < _pattern.Length;)
        {
            if (!TryReadCodePoint(out var letter))
            {
                return false;
            }

            switch (letter)
            {
                case 'i':
                    Switch(Options.FoldCase, set);
                    break;
                case 'm':
                    Switch(Options.OneLine, !set);
                    break;
                case 's':
                    Switch(Options.DotMatchesLineFeed, set);
                    break;
                case 'U':
                    Switch(Options.NonGreedy, set);
                    break;
                case '-' when set:
                    set = false;
                    any = false;
                    break;
                case ':' or ')' when set || any:
                    if (letter == ':')
                    {
                        Open(isCapture: false, start, _options);
                    }

                    _options = options;
                    return true;
                default:
                    return Fail("invalid or unsupported Perl syntax", start, _position);
            }
        }

        return Fail("invalid or unsupported Perl syntax", start, _position);

        void Switch(Options option, bool on)
        {
            any = true;
            options = on ? options | option : options & ~option;
        }
    }

    private bool ReadNamedGroup(int start, int nameStart)
    {
        var end = _pattern.IndexOf('>', start);
        if (end < 0)
        {
            return Fail("invalid named capture", start, _pattern.Length);
        }

        var name = _pattern.AsSpan(nameStart, end - nameStart);
        foreach (var c in name)
        {
            if (c != '_' && !char.IsAsciiLetterOrDigit(c))
            {
                return Fail("invalid named capture", start, end + 1);
            }
        }

        if (name.IsEmpty)
        {
            return Fail("invalid named capture", start, end + 1);
        }

        Open(isCapture: true, start, _options);
        _position = end + 1;
        return true;
    }
}
