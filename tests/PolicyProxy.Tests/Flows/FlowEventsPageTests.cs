using System.Globalization;
using System.Reflection;
using Microsoft.Extensions.Logging;
using PolicyProxy.Flows;

namespace PolicyProxy.Tests.Flows;

public sealed class FlowEventsPageTests
{
    private static readonly LoggerMessageAttribute[] s_events =
        [.. typeof(Log).GetMethods(BindingFlags.Public | BindingFlags.Static).Select(m => m.GetCustomAttribute<LoggerMessageAttribute>()).OfType<LoggerMessageAttribute>()];

    [Fact]
    public void Events_page_lists_exactly_the_events_of_the_block()
    {
        var page = ReferencePage.Rows("events.md")
            .Where(row => row[0].Length == 4 && row[0].StartsWith("21", StringComparison.Ordinal))
            .Select(row => (row[0], row[1], row[2]));
        Assert.Equal(s_events.Select(e => (e.EventId.ToString(CultureInfo.InvariantCulture), e.EventName!, e.Level.ToString())).Order(), page.Order());
    }

    [Fact]
    public void Events_have_unique_ids_in_the_block_of_the_namespace()
    {
        Assert.NotEmpty(s_events);
        Assert.All(s_events, e => Assert.InRange(e.EventId, 2100, 2199));
        Assert.Equal(s_events.Length, s_events.Select(e => e.EventId).Distinct().Count());
    }
}
