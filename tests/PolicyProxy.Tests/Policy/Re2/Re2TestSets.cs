using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Tests.Policy.Re2;

internal static class Re2TestSets
{
    public static Re2Pattern[] Parse(params IEnumerable<string> patterns) =>
    [
        .. patterns.Select(text => Re2Pattern.TryParse(text, out var pattern, out var error) ? pattern : throw new ArgumentException($"{text}: {error}")),
    ];

    public static Re2Set Compile(params IEnumerable<string> patterns) => Re2Set.Compile(Parse(patterns));

    public static string[] Services(int count) => [.. Enumerable.Range(0, count).Select(i => $"/svc{i}/users/[0-9]+/orders(/.*)?")];
}
