using System.Buffers;
using System.Globalization;
using System.Text;

namespace PolicyProxy.Flows.Formats;

/// <summary>
/// Makes text from the network safe to print: whatever could move the cursor, reorder the line or hide in it becomes a visible escape
/// (control, format, separator and surrogate characters; a log line stays one line).
/// </summary>
internal static class TerminalText
{
    private static readonly SearchValues<char> s_plain = SearchValues.Create([.. Enumerable.Range(0x20, 0x5F).Select(static c => (char)c)]);

    /// <summary>Appends the text, escaped where needed as <c>\x1b</c> or <c>\u202e</c>.</summary>
    public static StringBuilder AppendSafe(this StringBuilder builder, ReadOnlySpan<char> text)
    {
        while (text.Length > 0)
        {
            var plain = text.IndexOfAnyExcept(s_plain);
            if (plain < 0)
            {
                return builder.Append(text);
            }

            builder.Append(text[..plain]);
            text = text[plain..];
            var status = Rune.DecodeFromUtf16(text, out var rune, out var consumed);
            if (status == OperationStatus.Done && !IsUnsafe(rune))
            {
                builder.Append(text[..consumed]);
            }
            else
            {
                AppendEscape(builder, text[..consumed]);
            }

            text = text[consumed..];
        }

        return builder;
    }

    /// <summary>The text, escaped where needed.</summary>
    public static string Safe(string text) =>
        text.AsSpan().ContainsAnyExcept(s_plain) ? new StringBuilder(text.Length + 16).AppendSafe(text).ToString() : text;

    private static bool IsUnsafe(Rune rune) => Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.Format
        or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator or UnicodeCategory.Surrogate
        or UnicodeCategory.OtherNotAssigned or UnicodeCategory.PrivateUse;

    private static void AppendEscape(StringBuilder builder, ReadOnlySpan<char> units)
    {
        foreach (var unit in units)
        {
            builder.Append(unit < 0x100 ? "\\x" : "\\u").Append(((int)unit).ToString(unit < 0x100 ? "x2" : "x4", CultureInfo.InvariantCulture));
        }
    }
}
