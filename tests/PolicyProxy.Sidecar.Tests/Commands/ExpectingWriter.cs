using System.Text;

namespace PolicyProxy.Sidecar.Tests.Commands;

/// <summary>Collects what is written and tells when a text has come.</summary>
internal sealed class ExpectingWriter(string expected) : TextWriter
{
    private readonly Lock _writing = new();
    private readonly StringBuilder _text = new();
    private readonly TaskCompletionSource _seen = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public override Encoding Encoding => Encoding.UTF8;

    public Task Seen => _seen.Task;

    public string Text
    {
        get
        {
            lock (_writing)
            {
                return _text.ToString();
            }
        }
    }

    public override void Write(char value) => Write(value.ToString());

    public override void Write(string? value)
    {
        lock (_writing)
        {
            _text.Append(value);
            if (_text.ToString().Contains(expected, StringComparison.Ordinal))
            {
                _seen.TrySetResult();
            }
        }
    }

    public override void WriteLine(string? value) => Write(value + Environment.NewLine);
}
