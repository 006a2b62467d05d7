using System.Net;

namespace PolicyProxy.Enforcement.Client;

/// <summary>
/// Follows redirects as <see cref="SocketsHttpHandler"/> does, but above the door, so that every hop is judged. Beyond that, what the caller
/// sent for one server is not carried to another: Host, Cookie and Proxy-Authorization fields. Immutable.
/// </summary>
/// <param name="maxHops">How many redirects of one request are followed; 0 = none.</param>
internal sealed class Redirection(int maxHops)
{
    public int MaxHops => maxHops;

    /// <summary>Turns the request into the one a redirect asks for.</summary>
    /// <returns>False if the response is no redirect that is followed.</returns>
    public static bool TryFollow(HttpRequestMessage request, HttpResponseMessage response)
    {
        if (TargetOf(request.RequestUri!, response) is not { } target)
        {
            return false;
        }

        var isOther = Uri.Compare(request.RequestUri!, target, UriComponents.SchemeAndServer, UriFormat.SafeUnescaped, StringComparison.OrdinalIgnoreCase) != 0;
        request.RequestUri = target;
        request.Headers.Authorization = null;
        if (isOther)
        {
            request.Headers.Host = null;
            request.Headers.ProxyAuthorization = null;
            request.Headers.Remove("Cookie");
        }

        if (BecomesGet(response.StatusCode, request.Method))
        {
            request.Method = HttpMethod.Get;
            request.Content = null;
            request.Headers.TransferEncodingChunked = null;
        }

        return true;
    }

    private static Uri? TargetOf(Uri from, HttpResponseMessage response)
    {
        if (response.StatusCode is not (HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found or HttpStatusCode.SeeOther
            or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect) || response.Headers.Location is not { } location)
        {
            return null;
        }

        if (!location.IsAbsoluteUri)
        {
            location = new Uri(from, location);
        }

        // From https to http is refused, and so is everything that is no web address.
        var isWeb = location.Scheme is "http" or "https" or "ws" or "wss";
        var isWeaker = from.Scheme is "https" or "wss" && location.Scheme is "http" or "ws";
        if (!isWeb || isWeaker)
        {
            return null;
        }

        return from.Fragment.Length > 0 && location.Fragment.Length == 0 ? new UriBuilder(location) { Fragment = from.Fragment }.Uri : location;
    }

    private static bool BecomesGet(HttpStatusCode status, HttpMethod method) => status switch
    {
        HttpStatusCode.MultipleChoices or HttpStatusCode.Moved or HttpStatusCode.Found => method == HttpMethod.Post,
        HttpStatusCode.SeeOther => method != HttpMethod.Get && method != HttpMethod.Head,
        _ => false,
    };
}
