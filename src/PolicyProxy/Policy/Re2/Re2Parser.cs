using System.Text;

namespace PolicyProxy.Policy.Re2;

/// <summary>Reads RE2 syntax as Go's regexp package does with its Perl flags: same language, same refusals. One use per pattern.</summary>
internal sealed partial class Re2Parser
{
    // Go's limits: maxHeight, maxSize (128 MiB of 40-byte instructions), maxRunes (128 MiB), maxRepeat.
    private const int MaxHeight = 1000;
    private const long MaxSize = (128 << 20) / 40;
    private const long MaxClassCodePoints = (128 << 20) / 4;
    private const int MaxRepeat = 1000;

    private readonly string _pattern;
    private readonly Stack<Frame> _enclosing = new();
    private Frame _frame;
    private Options _options = Options.OneLine;
    private long _classCodePoints;
    private int _position;
    private Re2Error? _error;

    private Re2Parser(string pattern)
    {
        _pattern = pattern;
        _frame = new Frame(-1, false, _options);
    }

    [Flags]
    private enum Options
    {
        None = 0,
        FoldCase = 1,
        OneLine = 2,
        DotMatchesLineFeed = 4,

        // Changes which match is preferred, never whether there is one.
        NonGreedy = 8,
    }

    private bool Folds => (_options & Options.FoldCase) != 0;

    private char Current => _position < _pattern.Length ? _pattern[_position] : '\0';

    /// <summary>The tree of a pattern, or null and the reason.</summary>
    public static Re2Node? Parse(string pattern, out Re2Error error)
    {
        var parser = new Re2Parser(pattern);
        var root = parser.Run();
        error = parser._error ?? default;
        return root;
    }

    private Re2Node? Run()
    {
        var lastRepeat = -1;
        while (_position < _pattern.Length)
        {
            var start = _position;
            var isRepeat = false;
            if (!ReadItem(ref isRepeat, lastRepeat))
            {
                return null;
            }

            lastRepeat = isRepeat ? start : -1;
        }

        if (_enclosing.Count > 0)
        {
            Fail("missing closing )", _frame.Start, _pattern.Length);
            return null;
        }

        var root = _frame.Close();
        return CheckLimits(root, 0) ? root : null;
    }

    private bool ReadItem(ref bool isRepeat, int lastRepeat)
    {
        var start = _position;
        switch (_pattern[start])
        {
            case '(':
                return ReadOpenParenthesis();
            case ')':
                return ReadCloseParenthesis();
            case '|':
                _frame.NextAlternative();
                _position++;
                return true;
            case '^':
                return PushAssertion((_options & Options.OneLine) != 0 ? Re2Assertion.BeginText : Re2Assertion.BeginLine, 1);
            case '$':
                return PushAssertion((_options & Options.OneLine) != 0 ? Re2Assertion.EndText : Re2Assertion.EndLine, 1);
            case '.':
                _position++;
                return Push(Re2Node.Class((_options & Options.DotMatchesLineFeed) != 0 ? CodePointSet.All : AnyButLineFeed), start);
            case '[':
                return ReadClass();
            case '*':
                isRepeat = true;
                return Repeat(start, start + 1, new Bounds(0, Re2Node.Unbounded, IsCounted: false), lastRepeat);
            case '+':
                isRepeat = true;
                return Repeat(start, start + 1, new Bounds(1, Re2Node.Unbounded, IsCounted: false), lastRepeat);
            case '?':
                isRepeat = true;
                return Repeat(start, start + 1, new Bounds(0, 1, IsCounted: false), lastRepeat);
            case '{':
                return ReadCountedRepeat(ref isRepeat, lastRepeat);
            case '\\':
                return ReadBackslash();
            default:
                return TryReadCodePoint(out var codePoint) && PushLiteral(codePoint, start);
        }
    }

    private bool PushAssertion(Re2Assertion assertion, int length)
    {
        var start = _position;
        _position += length;
        return Push(Re2Node.Assertion(assertion), start);
    }

    private bool PushLiteral(int codePoint, int start)
    {
        if (!Folds || CaseOrbits.Next(codePoint) == codePoint)
        {
            return Push(Re2Node.Literal(codePoint), start);
        }

        var set = new CodePointSet();
        set.Add([codePoint, codePoint], fold: true);
        return Push(Re2Node.Class(set.ToRanges()), start);
    }

    private bool Push(Re2Node node, int start)
    {
        _classCodePoints += node.Ranges.Length;
        _frame.Items.Add(node);
        return CheckLimits(node, start);
    }

    private bool CheckLimits(Re2Node node, int start)
    {
        if (node.Size > MaxSize || _classCodePoints > MaxClassCodePoints)
        {
            return Fail("expression too large", start, _position);
        }

        return node.Height <= MaxHeight || Fail("expression nests too deeply", start, _position);
    }

    private bool TryReadCodePoint(out int codePoint)
    {
        codePoint = -1;
        if (_position >= _pattern.Length)
        {
            return true;
        }

        if (Rune.TryGetRuneAt(_pattern, _position, out var rune))
        {
            codePoint = rune.Value;
            _position += rune.Utf16SequenceLength;
            return true;
        }

        return Fail("invalid UTF-8", _position, _position + 1);
    }

    // Always false, so that callers can return it.
    private bool Fail(string reason, int start, int end)
    {
        _error = new Re2Error($"{reason}: `{_pattern[start..end]}`", start);
        return false;
    }

    /// <summary>What is open: an alternation of concatenations, down to a parenthesis or the start.</summary>
    private sealed class Frame(int start, bool isCapture, Options outer)
    {
        private List<Re2Node>? _alternatives;

        public int Start { get; } = start;

        public Options Outer { get; } = outer;

        public List<Re2Node> Items { get; private set; } = [];

        public void NextAlternative()
        {
            (_alternatives ??= []).Add(Re2Node.Concat(Items));
            Items = [];
        }

        public Re2Node Close()
        {
            var last = Re2Node.Concat(Items);
            if (_alternatives is not null)
            {
                _alternatives.Add(last);
                last = Re2Node.Alternate(_alternatives);
            }

            return isCapture ? Re2Node.Group(last) : last;
        }
    }
}
