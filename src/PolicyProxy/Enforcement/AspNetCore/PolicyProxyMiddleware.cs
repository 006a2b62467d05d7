using Microsoft.AspNetCore.Connections.Features;
using Microsoft.AspNetCore.Http;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Judges every request and lets through what policy allows. 0 bytes are allocated for an allowed request that nobody observes;
/// otherwise its flows, and one state machine if the rest of the pipeline completes asynchronously.
/// </summary>
/// <remarks>
/// What is judged is what the server's parser made of the bytes: in this door Kestrel is the HTTP trust boundary. Its strictness
/// (one Host field, absolute form equal to Host, no CR or LF without the other) is left as the application configured it.
/// </remarks>
internal sealed class PolicyProxyMiddleware(RequestDelegate next, HttpDoor door)
{
    public Task InvokeAsync(HttpContext context)
    {
        var request = new HttpContextRequest(context);
        var started = door.Time.GetTimestamp();
        var verdict = door.Judge(context, request, out var permit);
        if (!verdict.Allowed)
        {
            return RefuseAsync(context, verdict, permit, request, started);
        }

        if (!request.HasPath && permit.Kind == L7Kind.Http)
        {
            return ReplyAsync(context, door.Ambiguous, permit, request, started);
        }

        if (verdict.HeaderEdits is { Count: > 0 } edits)
        {
            Apply(edits, context.Request.Headers);
        }

        // Who comes after and judges gRPC calls need not judge this one.
        if (LocalReply.IsGrpc(context.Request.ContentType))
        {
            context.Features.Set(JudgedRequest.Instance);
        }

        return !door.IsObserved ? next(context) : ForwardAsync(context, permit, request, started);
    }

    internal static void Apply(IReadOnlyList<HeaderEdit> edits, IHeaderDictionary headers)
    {
        foreach (var edit in edits)
        {
            switch (edit.Kind)
            {
                case HeaderEditKind.Add:
                    headers.Append(edit.Name, edit.Value);
                    break;
                case HeaderEditKind.Replace:
                    headers[edit.Name] = edit.Value;
                    break;
                default:
                    headers.Remove(edit.Name);
                    break;
            }
        }
    }

    private async Task ForwardAsync(HttpContext context, ConnectionPermit permit, HttpContextRequest request, long started)
    {
        try
        {
            await next(context).ConfigureAwait(false);
        }
        catch
        {
            // The server, or a middleware before this one, turns the exception into a 500.
            door.Gate.Complete(permit, request, StatusCodes.Status500InternalServerError, door.Time.GetElapsedTime(started), "unhandled exception");
            throw;
        }

        var status = context.Response.StatusCode;
        var note = status >= StatusCodes.Status500InternalServerError ? context.Features.Get<IResponseNoteFeature>()?.Note : null;
        door.Gate.Complete(permit, request, status, door.Time.GetElapsedTime(started), note ?? string.Empty);
    }

    private Task RefuseAsync(HttpContext context, in Verdict verdict, in ConnectionPermit permit, in HttpContextRequest request, long started)
    {
        if (!permit.IsAllowed && door.RefusedConnection == RefusedConnection.Reset)
        {
            Reset(context);
            return Task.CompletedTask;
        }

        return ReplyAsync(context, door.ReplyTo(verdict), permit, request, started);
    }

    private async Task ReplyAsync(HttpContext context, LocalReply reply, ConnectionPermit permit, HttpContextRequest request, long started)
    {
        await reply.WriteAsync(context).ConfigureAwait(false);
        door.Gate.Complete(permit, request, context.Response.StatusCode, door.Time.GetElapsedTime(started));
    }

    // Over HTTP/2, aborting the request would reset its stream only.
    private static void Reset(HttpContext context)
    {
        if (context.Features.Get<IConnectionLifetimeFeature>() is { } connection)
        {
            connection.Abort();
        }
        else
        {
            context.Abort();
        }
    }
}
