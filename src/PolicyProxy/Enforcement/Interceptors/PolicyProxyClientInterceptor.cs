using System.Globalization;
using Grpc.Core;
using Grpc.Core.Interceptors;
using PolicyProxy.Gate;

namespace PolicyProxy.Enforcement.Interceptors;

/// <summary>
/// Judges the calls of a gRPC channel whose transport cannot be a <see cref="Client.PolicyProxyHandler"/>: every call by method, host and metadata, on the
/// connection that the application says the channel makes. It does not see which address that is; a handler does. A denied call throws an
/// <see cref="RpcException"/> with PERMISSION_DENIED where it is made. Thread-safe.
/// </summary>
public sealed class PolicyProxyClientInterceptor : Interceptor
{
    private readonly PolicyGate _gate;
    private readonly Func<ConnectionTuple> _connection;
    private readonly PolicyProxyClientInterceptorOptions _options;
    private readonly TimeProvider _time;
    private volatile Admission? _admission;

    /// <summary>Creates an interceptor for one channel.</summary>
    /// <param name="gate">The gate that judges.</param>
    /// <param name="connection">Subject, destination and port of the channel's connections; asked at every call. Equal answers are one connection.</param>
    /// <param name="options">What else is known of the channel; null = defaults.</param>
    public PolicyProxyClientInterceptor(PolicyGate gate, Func<ConnectionTuple> connection, PolicyProxyClientInterceptorOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(gate);
        ArgumentNullException.ThrowIfNull(connection);
        _gate = gate;
        _connection = connection;
        _options = options ?? new PolicyProxyClientInterceptorOptions();
        _time = _options.TimeProvider;
    }

    /// <inheritdoc/>
    public override TResponse BlockingUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, BlockingUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(ref context);
        try
        {
            var response = continuation(request, context);
            call.Complete(string.Empty);
            return response;
        }
        catch (RpcException error)
        {
            call.Complete(error.Status.Detail);
            throw;
        }
    }

    /// <inheritdoc/>
    public override AsyncUnaryCall<TResponse> AsyncUnaryCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncUnaryCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(ref context);
        var running = continuation(request, context);
        _ = call.ReportAsync(running.ResponseHeadersAsync);
        return running;
    }

    /// <inheritdoc/>
    public override AsyncServerStreamingCall<TResponse> AsyncServerStreamingCall<TRequest, TResponse>(
        TRequest request, ClientInterceptorContext<TRequest, TResponse> context, AsyncServerStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(ref context);
        var running = continuation(request, context);
        _ = call.ReportAsync(running.ResponseHeadersAsync);
        return running;
    }

    /// <inheritdoc/>
    public override AsyncClientStreamingCall<TRequest, TResponse> AsyncClientStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncClientStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(ref context);
        var running = continuation(context);
        _ = call.ReportAsync(running.ResponseHeadersAsync);
        return running;
    }

    /// <inheritdoc/>
    public override AsyncDuplexStreamingCall<TRequest, TResponse> AsyncDuplexStreamingCall<TRequest, TResponse>(
        ClientInterceptorContext<TRequest, TResponse> context, AsyncDuplexStreamingCallContinuation<TRequest, TResponse> continuation)
    {
        ArgumentNullException.ThrowIfNull(continuation);
        var call = Judge(ref context);
        var running = continuation(context);
        _ = call.ReportAsync(running.ResponseHeadersAsync);
        return running;
    }

    private Call Judge<TRequest, TResponse>(ref ClientInterceptorContext<TRequest, TResponse> context)
        where TRequest : class
        where TResponse : class
    {
        // 1. The connection, once.
        var tuple = _connection() with { PeerNameIsVerified = _options.IsTls };
        var authority = context.Host ?? _options.Authority ?? tuple.Destination?.ToString() ?? string.Empty;
        var request = new GrpcCallRequest(context.Method.FullName, authority, _options.IsTls ? "https" : "http", context.Options.Headers);
        var started = _time.GetTimestamp();
        var permit = Connect(tuple, authority, out var verdict);

        // 2. The call, on a copy of the permit: calls run at the same time.
        if (verdict.Allowed)
        {
            verdict = _gate.Check(ref permit, request);
        }

        if (!verdict.Allowed)
        {
            throw Denied(request, verdict);
        }

        // 3. Header edits, on a copy: the caller's metadata may be used for other calls.
        if (verdict.HeaderEdits is { Count: > 0 } edits)
        {
            var metadata = new Metadata();
            foreach (var entry in context.Options.Headers ?? [])
            {
                metadata.Add(entry);
            }

            MetadataEdits.Apply(edits, metadata);
            context = new ClientInterceptorContext<TRequest, TResponse>(context.Method, context.Host, context.Options.WithHeaders(metadata));
        }

        return new Call(_gate, _time, permit, request, started);
    }

    private ConnectionPermit Connect(in ConnectionTuple tuple, string authority, out Verdict verdict)
    {
        if (_admission is { } known && known.Tuple == tuple && known.Authority == authority)
        {
            verdict = known.Verdict;
            return known.Permit;
        }

        verdict = _gate.Connect(tuple, out var permit);
        if (verdict.Allowed && _options.IsTls && !permit.AllowsWithoutServerName)
        {
            verdict = _gate.CheckServerName(ref permit, HostName.Of(authority));
        }

        // A refused connection is tried again, as a channel does.
        _admission = verdict.Allowed ? new Admission(tuple, authority, permit, verdict) : null;
        return permit;
    }

    private static RpcException Denied(in GrpcCallRequest request, in Verdict verdict) => new(new Status(
        StatusCode.PermissionDenied,
        string.Create(CultureInfo.InvariantCulture, $"{request.Path} at {request.Authority} is denied by policy: {verdict.Reason}{(verdict.Rule is null ? string.Empty : ", ")}{verdict.Rule}")));

    private sealed record Admission(ConnectionTuple Tuple, string Authority, ConnectionPermit Permit, Verdict Verdict);

    private readonly struct Call(PolicyGate gate, TimeProvider time, ConnectionPermit permit, GrpcCallRequest request, long started)
    {
        private const int Ok = 200; // every gRPC response has it; what came of the call is in its trailers
        private readonly ConnectionPermit _permit = permit;

        public void Complete(string note) => gate.Complete(_permit, request, note.Length == 0 ? Ok : 0, time.GetElapsedTime(started), note);

        public async Task ReportAsync(Task<Metadata> headers)
        {
            try
            {
                _ = await headers.ConfigureAwait(false);
                Complete(string.Empty);
            }
            catch (Exception error) when (error is RpcException or OperationCanceledException or IOException or InvalidOperationException)
            {
                Complete(error is RpcException { Status.Detail: { Length: > 0 } detail } ? detail : "the call failed");
            }
        }
    }
}
