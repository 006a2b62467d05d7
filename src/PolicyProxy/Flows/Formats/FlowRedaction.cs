namespace PolicyProxy.Flows.Formats;

/// <summary>What is taken out of URLs before they are written. Immutable.</summary>
internal sealed record FlowRedaction
{
    /// <summary>Stands where something was taken out; Hubble's constant.</summary>
    public const string Marker = "HUBBLE_REDACTED";

    /// <summary>User information kept out, queries kept: the default.</summary>
    public static FlowRedaction Default { get; } = new();

    /// <summary>
    /// Redacts the password of the user information. A user name without password is redacted too, which Hubble does not: tokens travel there. Default true.
    /// </summary>
    public bool UserInfo { get; init; } = true;

    /// <summary>Removes query and fragment. Default false, as in Hubble.</summary>
    public bool Query { get; init; }

    /// <summary>The URL without what must not be shown. Works on any text; never throws.</summary>
    public string Url(string url)
    {
        if (UserInfo)
        {
            url = WithoutUserInfo(url);
        }

        var end = Query ? url.AsSpan().IndexOfAny('?', '#') : -1;
        return end < 0 ? url : url[..end];
    }

    /// <summary>A text about the request, with the parts of the query that it repeats taken out.</summary>
    public string Text(string text, L7Record? about)
    {
        if (!Query || about is not HttpRecord http)
        {
            return text;
        }

        var start = http.Url.IndexOf('?', StringComparison.Ordinal);
        return start < 0 ? text : WithoutQuery(text, http.Url.AsSpan(start));
    }

    private static string WithoutUserInfo(string url)
    {
        var scheme = url.IndexOf("://", StringComparison.Ordinal);
        var start = scheme < 0 ? 0 : scheme + 3;
        var length = url.AsSpan(start).IndexOfAny('/', '?', '#');
        var authority = length < 0 ? url.AsSpan(start) : url.AsSpan(start, length);
        var at = authority.LastIndexOf('@');
        if (at < 0)
        {
            return url;
        }

        var user = authority[..Math.Max(0, authority[..at].IndexOf(':') + 1)]; // "name:", or nothing when there is no password
        return string.Concat(string.Concat(url.AsSpan(0, start), user), Marker, url.AsSpan(start + at));
    }

    private static string WithoutQuery(string text, ReadOnlySpan<char> query)
    {
        var from = 0;
        while (text.IndexOf('?', from) is var at and >= 0)
        {
            var repeated = text.AsSpan(at).CommonPrefixLength(query);
            from = at + 1;
            if (repeated > 1)
            {
                text = string.Concat(text.AsSpan(0, from), Marker, text.AsSpan(at + repeated));
                from += Marker.Length;
            }
        }

        return text;
    }
}
