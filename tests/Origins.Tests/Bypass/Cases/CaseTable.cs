namespace PolicyProxy.Origins.Tests.Bypass.Cases;

/// <summary>Short ways to write cases.</summary>
internal static class CaseTable
{
    /// <summary>A head of these lines and what follows it.</summary>
    public static string Message(string startLine, IEnumerable<string> fields, string rest = "") =>
        $"{startLine}\r\n{string.Concat(fields.Select(static field => field + "\r\n"))}\r\n{rest}";

    /// <summary>An upload with these fields behind its Host, and what follows the head.</summary>
    public static string Upload(IEnumerable<string> fields, string rest) => Message("POST /upload/a HTTP/1.1", [$"Host: {BypassCase.Host}", .. fields], rest);

    /// <summary>A GET of a public path with these fields behind its Host.</summary>
    public static string Get(params IEnumerable<string> fields) => Message("GET /public/a HTTP/1.1", [$"Host: {BypassCase.Host}", .. fields]);

    /// <summary>One case of one step.</summary>
    public static BypassCase Case(string name, string bytes, int reach = 0, string advisory = "") =>
        new() { Name = name, Steps = [bytes], Reach = reach, Advisory = advisory };

    /// <summary>A chunked body of one chunk.</summary>
    public static string Chunked(string content, string extension = "") => $"{content.Length:x}{extension}\r\n{content}\r\n0\r\n\r\n";
}
