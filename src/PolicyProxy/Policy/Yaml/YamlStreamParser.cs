using PolicyProxy.Policy.Model;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PolicyProxy.Policy.Yaml;

/// <summary>
/// Parses one text into its documents. Bounded: text length, nesting depth and the number of nodes after alias expansion.
/// Syntax errors and exceeded limits end the text; a problem inside a document (duplicate key, foreign tag) only breaks that document.
/// </summary>
internal sealed class YamlStreamParser
{
    private readonly string _file;
    private readonly PolicyReadOptions _options;
    private readonly ICollection<PolicyDiagnostic> _diagnostics;
    private readonly List<YamlDocument> _documents = [];
    private readonly Dictionary<string, YamlValue> _anchors = new(StringComparer.Ordinal);
    private readonly Parser _parser;
    private SourceSpan _documentSpan;
    private long _nodes;
    private bool _insideDocument;
    private bool _broken;

    private YamlStreamParser(string file, string text, PolicyReadOptions options, ICollection<PolicyDiagnostic> diagnostics)
    {
        _file = file;
        _options = options;
        _diagnostics = diagnostics;
        _parser = new Parser(new Scanner(new StringReader(text), skipComments: true));
        _documentSpan = new SourceSpan(file, 1, 1);
    }

    /// <summary>The documents of <paramref name="text"/> in order. Problems go to <paramref name="diagnostics"/>; nothing is thrown.</summary>
    public static IReadOnlyList<YamlDocument> Parse(
        string file, string text, PolicyReadOptions options, ICollection<PolicyDiagnostic> diagnostics)
    {
        text = text.StartsWith('\uFEFF') ? text[1..] : text;
        var start = new SourceSpan(file, 1, 1);
        if (text.Length > options.MaxTextLength)
        {
            diagnostics.Add(YamlProblems.TooLong(start, text.Length, options.MaxTextLength));
            return [new YamlDocument(start, null)];
        }

        // The scanner takes NUL for the end of the text and would silently drop the rest.
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            diagnostics.Add(YamlProblems.NulCharacter(start));
            return [new YamlDocument(start, null)];
        }

        var parser = new YamlStreamParser(file, text, options, diagnostics);
        parser.Run();
        return parser._documents;
    }

    private void Run()
    {
        try
        {
            while (_parser.MoveNext())
            {
                if (_parser.Current is DocumentStart)
                {
                    ReadDocument();
                }
            }
        }
        catch (YamlLimitException e)
        {
            Break(YamlProblems.Limit(e.Span, e.Message));
        }
        catch (YamlException e)
        {
            Break(YamlProblems.Syntax(SpanOf(e.Start), e.Message));
        }
        catch (Exception e) when (e is ArgumentException or InvalidOperationException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            // The scanner is foreign code fed with hostile text; whatever it trips over is a syntax error of that text.
            Break(YamlProblems.Syntax(_documentSpan, e.Message));
        }
    }

    private void Break(PolicyDiagnostic problem)
    {
        _diagnostics.Add(problem);
        _documents.Add(new YamlDocument(_insideDocument ? _documentSpan : new SourceSpan(_file, problem.Line, problem.Column), null));
    }

    private void ReadDocument()
    {
        _anchors.Clear();
        _broken = false;
        _insideDocument = true;
        _parser.MoveNext();
        _documentSpan = SpanOf(_parser.Current!.Start);
        var root = ReadNode(1);
        _documents.Add(new YamlDocument(root.Span, _broken ? null : root));
        _insideDocument = false;
    }

    /// <summary>Reads the node at the current event and leaves the parser on the node's last event.</summary>
    private YamlValue ReadNode(int depth)
    {
        var current = _parser.Current!;
        var span = SpanOf(current.Start);
        if (depth > _options.MaxDepth)
        {
            throw new YamlLimitException(span, $"nesting is deeper than {_options.MaxDepth} levels");
        }

        CountNodes(1, span);
        var value = current switch
        {
            AnchorAlias alias => Expand(alias, span, depth),
            Scalar scalar => ReadScalar(scalar, span),
            SequenceStart start => ReadSequence(start, span, depth),
            MappingStart start => ReadMapping(start, span, depth),
            _ => throw new InvalidOperationException($"unexpected {current.GetType().Name}"),
        };
        if (current is NodeEvent { Anchor.IsEmpty: false } node)
        {
            _anchors[node.Anchor.Value] = value;
        }

        return value;
    }

    private YamlValue Expand(AnchorAlias alias, SourceSpan span, int depth)
    {
        if (!_anchors.TryGetValue(alias.Value.Value, out var value))
        {
            Report(YamlProblems.UnknownAlias(span, alias.Value.Value));
            return YamlValue.Scalar(YamlValueKind.Null, span, "", "null");
        }

        CountNodes(value.NodeCount, span);
        return depth + value.Height - 1 > _options.MaxDepth
            ? throw new YamlLimitException(span, $"nesting is deeper than {_options.MaxDepth} levels")
            : value;
    }

    private void CountNodes(long count, SourceSpan span)
    {
        _nodes += count;
        if (_nodes > _options.MaxNodes)
        {
            throw new YamlLimitException(span, $"the text expands to more than {_options.MaxNodes} nodes");
        }
    }

    private YamlValue ReadScalar(Scalar scalar, SourceSpan span)
    {
        if (scalar.Tag.IsEmpty || scalar.Tag.IsNonSpecific)
        {
            var (kind, json) = scalar.Style == ScalarStyle.Plain && scalar.Tag.IsEmpty
                ? YamlScalarResolver.Resolve(scalar.Value)
                : (YamlValueKind.Text, scalar.Value);
            return YamlValue.Scalar(kind, span, scalar.Value, json);
        }

        if (scalar.Tag.Value == "tag:yaml.org,2002:str")
        {
            return YamlValue.Scalar(YamlValueKind.Text, span, scalar.Value, scalar.Value);
        }

        Report(YamlProblems.ForeignTag(span, scalar.Tag.Value));
        return YamlValue.Scalar(YamlValueKind.Text, span, scalar.Value, scalar.Value);
    }

    private YamlValue ReadSequence(SequenceStart start, SourceSpan span, int depth)
    {
        CheckTag(start, "tag:yaml.org,2002:seq", span);
        var items = new List<YamlValue>();
        while (_parser.MoveNext() && _parser.Current is not SequenceEnd)
        {
            items.Add(ReadNode(depth + 1));
        }

        return YamlValue.List(span, items);
    }

    private YamlValue ReadMapping(MappingStart start, SourceSpan span, int depth)
    {
        CheckTag(start, "tag:yaml.org,2002:map", span);
        var entries = new YamlMappingBuilder(Report);
        while (_parser.MoveNext() && _parser.Current is not MappingEnd)
        {
            var isMerge = _parser.Current is Scalar { Value: "<<", Style: ScalarStyle.Plain };
            var key = ReadNode(depth + 1);
            _parser.MoveNext();
            var value = ReadNode(depth + 1);
            if (isMerge)
            {
                entries.Merge(key, value);
            }
            else
            {
                entries.Add(key, value);
            }
        }

        return YamlValue.Map(span, entries.Build());
    }

    private void CheckTag(NodeEvent node, string expected, SourceSpan span)
    {
        if (!node.Tag.IsEmpty && !node.Tag.IsNonSpecific && node.Tag.Value != expected)
        {
            Report(YamlProblems.ForeignTag(span, node.Tag.Value));
        }
    }

    private void Report(PolicyDiagnostic problem)
    {
        _broken = true;
        _diagnostics.Add(problem);
    }

    private SourceSpan SpanOf(Mark mark) => new(_file, (int)Math.Max(1, mark.Line), (int)Math.Max(1, mark.Column));
}
