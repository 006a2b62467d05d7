using Grpc.Core;
using Grpc.Core.Interceptors;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.DependencyInjection;
using PolicyProxy.Enforcement.Interceptors;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.AspNetCore;

/// <summary>
/// Judges the calls of gRPC services that ASP.NET Core hosts: <c>services.AddGrpc(options => options.Interceptors.Add&lt;PolicyProxyServerInterceptor&gt;())</c>
/// and <c>services.AddHttpContextAccessor()</c>. For applications where the middleware cannot stand first; a call it has judged passes. A denied call ends
/// with PERMISSION_DENIED. Thread-safe.
/// </summary>
public sealed class PolicyProxyServerInterceptor : Interceptor
{
    private readonly HttpDoor _door;
    private readonly IHttpContextAccessor _requests;

    /// <summary>Made by the host for each call.</summary>
    /// <exception cref="InvalidOperationException"><c>AddPolicyProxy</c> or <c>AddHttpContextAccessor</c> was not called.</exception>
    public PolicyProxyServerInterceptor(IServiceProvider services)
    {
        _door = services.GetService<HttpDoor>() ?? throw new InvalidOperationException("PolicyProxyServerInterceptor needs services.AddPolicyProxy().");
        _requests = services.GetService<IHttpContextAccessor>()
            ?? throw new InvalidOperationException("PolicyProxyServerInterceptor needs services.AddHttpContextAccessor().");
    }

    /// <inheritdoc/>
    public override Task<TResponse> UnaryServerHandler<TRequest, TResponse>(
        TRequest request, ServerCallContext context, UnaryServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(context);
        return call.ReportAsync(continuation(request, context));
    }

    /// <inheritdoc/>
    public override Task<TResponse> ClientStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream, ServerCallContext context, ClientStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(context);
        return call.ReportAsync(continuation(requestStream, context));
    }

    /// <inheritdoc/>
    public override Task ServerStreamingServerHandler<TRequest, TResponse>(
        TRequest request, IServerStreamWriter<TResponse> responseStream, ServerCallContext context, ServerStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(context);
        return call.ReportAsync(continuation(request, responseStream, context));
    }

    /// <inheritdoc/>
    public override Task DuplexStreamingServerHandler<TRequest, TResponse>(
        IAsyncStreamReader<TRequest> requestStream,
        IServerStreamWriter<TResponse> responseStream,
        ServerCallContext context,
        DuplexStreamingServerMethod<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(context);
        return call.ReportAsync(continuation(requestStream, responseStream, context));
    }

    private ServerCall Judge(ServerCallContext context)
    {
        ArgumentNullException.ThrowIfNull(context);
        if (_requests.HttpContext is not { } http)
        {
            throw new RpcException(new Status(StatusCode.PermissionDenied, "policies are enforced on gRPC services that ASP.NET Core hosts"));
        }

        if (http.Features.Get<JudgedRequest>() is not null)
        {
            return default;
        }

        var request = new HttpContextRequest(http);
        var started = _door.Time.GetTimestamp();
        var verdict = _door.Judge(http, request, out var permit);
        if (!verdict.Allowed || (!request.HasPath && permit.Kind == L7Kind.Http))
        {
            _door.Gate.Complete(permit, request, StatusCodes.Status200OK, _door.Time.GetElapsedTime(started));
            throw new RpcException(new Status(StatusCode.PermissionDenied, _door.Denied.Message));
        }

        Apply(verdict.HeaderEdits, http, context);
        return new ServerCall(_door, permit, request, started);
    }

    // The metadata may have been read from the fields already, by an interceptor before this one.
    private static void Apply(IReadOnlyList<HeaderEdit> edits, HttpContext http, ServerCallContext context)
    {
        if (edits.Count > 0)
        {
            var metadata = context.RequestHeaders;
            PolicyProxyMiddleware.Apply(edits, http.Request.Headers);
            MetadataEdits.Apply(edits, metadata);
        }
    }

    /// <summary>A call that was let through; default = one that somebody else reports.</summary>
    private readonly struct ServerCall(HttpDoor door, ConnectionPermit permit, HttpContextRequest request, long started)
    {
        private readonly ConnectionPermit _permit = permit;

        public async Task<TResponse> ReportAsync<TResponse>(Task<TResponse> running)
        {
            await ReportAsync((Task)running).ConfigureAwait(false);
            return await running.ConfigureAwait(false);
        }

        public async Task ReportAsync(Task running)
        {
            var note = string.Empty;
            try
            {
                await running.ConfigureAwait(false);
            }
            catch (Exception error) when (error is not RpcException)
            {
                note = "unhandled exception";
                throw;
            }
            finally
            {
                door?.Gate.Complete(_permit, request, StatusCodes.Status200OK, door.Time.GetElapsedTime(started), note);
            }
        }
    }
}
