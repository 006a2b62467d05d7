using System.Net;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// The transport's cookie container, used above it: so that cookies are part of the request that is judged, and follow redirects. Thread-safe as
/// the container is.
/// </summary>
internal sealed class RequestCookies(CookieContainer container)
{
    private const string CookieField = "Cookie";
    private const string SetCookieField = "Set-Cookie";

    /// <summary>Adds the cookies for the request's URI to those it has.</summary>
    public void Write(HttpRequestMessage request, ref HeaderChanges changes)
    {
        var stored = container.GetCookieHeader(request.RequestUri!);
        if (stored.Length > 0)
        {
            var own = request.Headers.NonValidated.TryGetValues(CookieField, out var values) ? values.ToString() : string.Empty;
            changes.Replace(CookieField, own.Length == 0 ? stored : $"{own}; {stored}");
        }
    }

    /// <summary>Takes the cookies a response sets for the URI it answers; malformed ones are ignored, as by every client.</summary>
    public void Read(HttpResponseMessage response, Uri uri)
    {
        if (!response.Headers.NonValidated.TryGetValues(SetCookieField, out var values))
        {
            return;
        }

        foreach (var value in values)
        {
            try
            {
                container.SetCookies(uri, value);
            }
            catch (CookieException)
            {
                // Not for this host, or unreadable.
            }
        }
    }
}
