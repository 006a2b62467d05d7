namespace PolicyProxy.Policy.Re2;

internal sealed partial class Re2Parser
{
    private readonly record struct Bounds(int Min, int Max, bool IsCounted);

    private bool ReadCountedRepeat(ref bool isRepeat, int lastRepeat)
    {
        var start = _position;
        var end = start + 1;
        if (!TryReadBounds(ref end, out var bounds))
        {
            // As in Perl, a brace that starts no repetition is a brace.
            _position++;
            return PushLiteral('{', start);
        }

        if (bounds.Min > MaxRepeat || bounds.Max > MaxRepeat || (bounds.Max >= 0 && bounds.Min > bounds.Max))
        {
            return Fail("invalid repeat count", start, end);
        }

        isRepeat = true;
        return Repeat(start, end, bounds, lastRepeat);
    }

    private bool TryReadBounds(ref int at, out Bounds bounds)
    {
        bounds = default;
        if (!TryReadNumber(ref at, out var min))
        {
            return false;
        }

        var max = min;
        if (at < _pattern.Length && _pattern[at] == ',')
        {
            at++;
            max = Re2Node.Unbounded;
            if (at < _pattern.Length && _pattern[at] != '}' && !TryReadNumber(ref at, out max))
            {
                return false;
            }
        }

        bounds = new Bounds(min, max, IsCounted: true);
        return at < _pattern.Length && _pattern[at++] == '}';
    }

    // Numbers past the limit stay past the limit; their exact value is of no interest.
    private bool TryReadNumber(ref int at, out int number)
    {
        number = 0;
        var start = at;
        while (at < _pattern.Length && char.IsAsciiDigit(_pattern[at]))
        {
            number = Math.Min((number * 10) + (_pattern[at++] - '0'), MaxRepeat + 1);
        }

        return at > start && (at == start + 1 || _pattern[start] != '0');
    }

    private bool Repeat(int start, int end, Bounds bounds, int lastRepeat)
    {
        if (end < _pattern.Length && _pattern[end] == '?')
        {
            end++;
        }

        if (lastRepeat >= 0)
        {
            return Fail("invalid nested repetition operator", lastRepeat, end);
        }

        var items = _frame.Items;
        if (items.Count == 0)
        {
            return Fail("missing argument to repetition operator", start, end);
        }

        var node = Re2Node.Repeat(items[^1], bounds.Min, bounds.Max);
        items[^1] = node;
        _position = end;
        if (!CheckLimits(node, start))
        {
            return false;
        }

        var isSingle = !bounds.IsCounted || (bounds.Min < 2 && bounds.Max < 2);
        return isSingle || node.Copies <= MaxRepeat || Fail("invalid repeat count", start, end);
    }
}
