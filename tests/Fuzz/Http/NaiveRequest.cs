using System.Buffers;
using System.Globalization;
using System.Text;
using PolicyProxy.Fuzz.Laws;
using PolicyProxy.Protocols.Http;

namespace PolicyProxy.Fuzz.Http;

/// <summary>Checks a parsed request against <see cref="NaiveHead"/>: a request must not mean something else to a simpler reader.</summary>
internal static class NaiveRequest
{
    private static readonly SearchValues<char> s_notInAuthority = SearchValues.Create("@/?#\\ \t,");

    /// <summary>Throws unless everything the view says is what the text says.</summary>
    public static void Check(ReadOnlySpan<byte> head, in Http1Request request, HttpLimits limits)
    {
        var naive = new NaiveHead(head);
        CheckLine(naive, request, limits);
        CheckConnection(naive, request);
        naive.CheckFields(request.Fields);
        CheckHeaderMembers(naive, request);
        Law.Holds(head.Length <= limits.MaxHeadBytes && naive.Fields.Count <= limits.MaxHeaders, "the limits of a head hold");
    }

    private static void CheckLine(NaiveHead naive, in Http1Request request, HttpLimits limits)
    {
        var parts = naive.StartLine.Split(' ');
        Law.Holds(parts.Length == 3 && parts[0].Length > 0 && parts[0].All(NaiveHead.IsToken), "a request line has three parts, the first a token");
        var target = parts[1];
        Law.Same(parts[0], request.Method.ToString(), "the method is the first word");
        Law.Same(parts[2], request.Protocol.ToString(), "the version is the last word");
        Law.Holds(target.All(character => character is > ' ' and < '\x7F' and not '#'), "a target is visible ASCII without a fragment");

        var hosts = naive.Values("host");
        Law.Holds(hosts.Count == 1 || (hosts.Count == 0 && parts[2] == "HTTP/1.0"), "there is one Host, or none in HTTP/1.0");
        var (form, scheme, authority, path) = Split(parts[0], target);
        Law.Same(form, request.Form, "the form of the target");
        Law.Same(scheme, request.Scheme.ToString(), "the scheme of the target");
        Law.Same(path, request.Path.ToString(), "the path of the target");
        Law.Same(authority ?? hosts.FirstOrDefault(""), request.Authority.ToString(), "the authority of the target, else Host");
        Law.Holds(
            authority is null || hosts.Count == 0 || hosts[0] == authority || (form == Http1TargetForm.Authority && authority.StartsWith(hosts[0] + ":", StringComparison.Ordinal)),
            "Host repeats the authority of the target");
        Law.Holds(request.Authority.IndexOfAny(s_notInAuthority) < 0, "an authority is a host and a port");
        Law.Holds(
            request.Method.Length <= limits.MaxMethodBytes && target.Length <= limits.MaxTargetBytes && request.Authority.Length <= limits.MaxAuthorityBytes,
            "the limits of a request line hold");
    }

    private static (Http1TargetForm Form, string Scheme, string? Authority, string Path) Split(string method, string target)
    {
        if (method == "CONNECT")
        {
            return (Http1TargetForm.Authority, "http", target, target);
        }

        if (target[0] == '/' || target == "*")
        {
            Law.Holds(target != "*" || method == "OPTIONS", "only OPTIONS asks about everything");
            return (target == "*" ? Http1TargetForm.Asterisk : Http1TargetForm.Origin, "http", null, target);
        }

        var afterScheme = target.Split("://", 2);
        Law.Holds(afterScheme.Length == 2, "a target in another form is an absolute URI");
        var slash = afterScheme[1].IndexOf('/', StringComparison.Ordinal);
        return (
            Http1TargetForm.Absolute,
            afterScheme[0].ToLowerInvariant(),
            slash < 0 ? afterScheme[1] : afterScheme[1][..slash],
            slash < 0 ? "/" : afterScheme[1][slash..]);
    }

    private static void CheckConnection(NaiveHead naive, in Http1Request request)
    {
        var isChunked = request.BodyKind == Http1BodyKind.Chunked;
        var length = naive.CheckFraming(isChunked) ?? "0";
        Law.Same(length, request.ContentLength.ToString(CultureInfo.InvariantCulture), "the length is the one in the head");
        Law.Same(isChunked ? Http1BodyKind.Chunked : length == "0" ? Http1BodyKind.None : Http1BodyKind.Length, request.BodyKind, "the body ends as the head says");
        var isVersion10 = request.Protocol is "HTTP/1.0";
        Law.Holds(!isChunked || !isVersion10, "HTTP/1.0 has no chunks");
        Law.Same(!naive.Lists("connection", "close") && (!isVersion10 || naive.Lists("connection", "keep-alive")), request.KeepAlive, "the connection persists as the head says");
        Law.Same(naive.Values("expect").Count == 1 && !isVersion10 && request.BodyKind != Http1BodyKind.None, request.ExpectContinue, "100 is waited for as the head says");
        Law.Same(naive.Values("upgrade").Count == 0, request.Upgrade == Http1Upgrade.None, "an upgrade is asked for as the head says");
        Law.Same(
            naive.Values("upgrade").Any(value => value.Split(',').Any(item => item.Trim(' ', '\t').ToLowerInvariant() is "h2c" or "h2" || item.Trim(' ', '\t').StartsWith("HTTP/2", StringComparison.Ordinal))),
            request.Upgrade == Http1Upgrade.Http2,
            "HTTP/2 is recognised in every place of the list");
        Law.Same(naive.Lists("connection", "upgrade"), request.HasUpgradeOption, "the upgrade option is read alike");
    }

    // The joined value, compared as UTF-8; bytes that are no UTF-8 equal no text.
    private static void CheckHeaderMembers(NaiveHead naive, in Http1Request request)
    {
        foreach (var name in naive.Fields.Select(field => field.Name).Append("x-absent"))
        {
            var values = naive.Values(name);
            Law.Same(values.Count > 0, request.HasHeader(name), "HasHeader finds what is there");
            var bytes = Encoding.Latin1.GetBytes(string.Join(',', values));
            var text = Encoding.UTF8.GetString(bytes);
            var isText = Encoding.UTF8.GetBytes(text).AsSpan().SequenceEqual(bytes);
            Law.Same(values.Count > 0 && isText, request.HeaderEquals(name, text), "HeaderEquals compares the joined value");
            Law.Holds(!request.HeaderEquals(name, text + "x"), "HeaderEquals compares to the end");
            Law.Holds(!isText || values.Count == 0 || request.HeaderStartsWith(name, text), "a value starts with itself");
            CheckCopy(name, values.Count == 0 ? null : string.Join(',', values), request);
        }

        Law.Holds(request.HeaderEquals(":method", request.Method.ToString()) && request.HeaderEquals(":path", request.Path.ToString()), "pseudo headers are the request line");
        Law.Same(!request.Authority.IsEmpty, request.HasHeader(":authority"), "an authority is there or not");
        var overrides = (HashSet<string>)[.. HttpOverrides.MethodFields, .. HttpOverrides.TargetFields];
        Law.Same(
            naive.Fields.Any(field => overrides.Contains(field.Name.ToLowerInvariant().Replace('_', '-').Replace('.', '-'))),
            request.HasOverride,
            "an override is seen in every spelling");
        Law.Holds(request.HasOverride || !HttpOverrides.ArePresent(request), "an override that is found by name is an override");
    }

    private static void CheckCopy(string name, string? expected, in Http1Request request)
    {
        var buffer = new char[expected?.Length ?? 0];
        Law.Same(expected?.Length ?? -1, request.CopyHeader(name, buffer), "CopyHeader knows the length of the joined value");
        Law.Same(expected ?? "", new string(buffer), "CopyHeader copies the joined value");
        Law.Same(expected?.Length ?? -1, request.CopyHeader(name, buffer.AsSpan(0, buffer.Length / 2)), "CopyHeader tells the length when there is no room");
    }
}
