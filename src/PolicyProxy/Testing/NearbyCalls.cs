namespace PolicyProxy.Testing;

/// <summary>Calls that differ from listed ones in one part, and that a policy for the listed ones is not meant to allow.</summary>
internal static class NearbyCalls
{
    private const string OtherHost = "other.invalid";
    private static readonly string[] s_methods = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

    /// <summary>The calls, without the listed ones.</summary>
    public static IEnumerable<string> Of(IReadOnlyList<string> listed)
    {
        var known = listed.Select(static call => Key(PlannedCall.Parse(call))).ToHashSet(StringComparer.Ordinal);
        return listed.Select(PlannedCall.Parse).SelectMany(Of).Where(call => known.Add(Key(call))).Select(static call => call.ToString());
    }

    private static IEnumerable<PlannedCall> Of(PlannedCall call)
    {
        var uri = call.Uri;
        yield return call with { Uri = With(uri, static builder => builder.Host = OtherHost) };
        yield return call with { Uri = With(uri, static builder => builder.Port = builder.Port == 65535 ? 1 : builder.Port + 1) };
        if (!call.IsRequest)
        {
            yield break;
        }

        yield return call with { Uri = With(uri, static builder => builder.Path += "x") };
        yield return call with { Uri = With(uri, static builder => builder.Path += "/x") };
        yield return call with { Uri = With(uri, static builder => builder.Path = "/x" + builder.Path) };
        if (uri.AbsolutePath != "/")
        {
            yield return call with { Uri = With(uri, static builder => builder.Path = "/") };
        }

        foreach (var method in call.Verb == PlannedCall.Grpc ? [] : s_methods)
        {
            yield return call with { Verb = method };
        }
    }

    private static string Key(PlannedCall call) => $"{call.Method} {call.Uri.AbsoluteUri}";

    private static Uri With(Uri uri, Action<UriBuilder> change)
    {
        var builder = new UriBuilder(uri);
        change(builder);
        return builder.Uri;
    }
}
