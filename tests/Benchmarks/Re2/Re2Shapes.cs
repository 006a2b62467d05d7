using PolicyProxy.Policy.Re2;

namespace PolicyProxy.Benchmarks.Re2;

/// <summary>The rule sets and requests of the RE2 benchmarks.</summary>
internal static class Re2Shapes
{
    /// <summary>Distinct first segment, then a general expression.</summary>
    public const string Services = "services";

    /// <summary>Shared prefix and an inner <c>.*</c>: the shape prefix tables cannot help with.</summary>
    public const string InnerStar = "inner-star";

    public static Re2Pattern[] Patterns(string shape, int count) => [.. Enumerable.Range(0, count).Select(i => Parse(Text(shape, i)))];

    public static string Text(string shape, int index) =>
        shape == Services ? $"/svc{index}/users/[0-9]+/orders(/.*)?" : $"/api/.*/item{index}/[a-z]+";

    /// <summary>A request that only rule <paramref name="index"/> matches, about 60 bytes.</summary>
    public static string Request(string shape, int index) =>
        shape == Services ? $"/svc{index}/users/20260117/orders/open/first?page=2&size=50&q" : $"/api/v1/tenants/7f3a/warehouses/item{index}/availabilityreport";

    private static Re2Pattern Parse(string text) =>
        Re2Pattern.TryParse(text, out var pattern, out var error) ? pattern : throw new ArgumentException(error.Message, nameof(text));
}
