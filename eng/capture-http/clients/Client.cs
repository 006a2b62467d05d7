// Requests of HttpClient and ClientWebSocket: dotnet run Client.cs ORIGIN
#:property RestorePackagesWithLockFile=false
#:property PublishAot=false
#:property NoWarn=$(NoWarn);CS1591;CA2007;CA2000;CA2234
using System.Net;
using System.Net.Http.Headers;
using System.Net.WebSockets;

var origin = args[0];
using var handler = new SocketsHttpHandler { UseCookies = true, AutomaticDecompression = DecompressionMethods.All };
using var client = new HttpClient(handler) { BaseAddress = new Uri(origin) };

await SendAsync(HttpMethod.Get, "/cookie?q=a b&x=é", null);
await SendAsync(HttpMethod.Get, "/cookie", null);
await SendAsync(HttpMethod.Post, "/json", new StringContent("{}", System.Text.Encoding.UTF8, "application/json"));
await SendAsync(HttpMethod.Put, "/chunks", new StreamContent(new MemoryStream("hello"u8.ToArray())), request => request.Headers.TransferEncodingChunked = true);
await SendAsync(HttpMethod.Post, "/wait", new ByteArrayContent([1, 2, 3]), request => request.Headers.ExpectContinue = true);
await SendAsync(HttpMethod.Post, "/form", new FormUrlEncodedContent([new("a", "1 2")]));
await SendAsync(HttpMethod.Post, "/parts", new MultipartFormDataContent { { new StringContent("hello"), "file", "a.txt" } });
await SendAsync(HttpMethod.Head, "/head", null);
await SendAsync(HttpMethod.Delete, "/gone", null, request => request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", "abc"));
await SendAsync(HttpMethod.Get, "/old", null, request => request.Version = HttpVersion.Version10);
await SendAsync(HttpMethod.Get, "/close", null, request => request.Headers.ConnectionClose = true);
await SendAsync(HttpMethod.Get, "/moved", null);

using var socket = new ClientWebSocket();
socket.Options.AddSubProtocol("chat");
await socket.ConnectAsync(new Uri(origin.Replace("http", "ws", StringComparison.Ordinal) + "/socket"), CancellationToken.None);

async Task SendAsync(HttpMethod method, string path, HttpContent? content, Action<HttpRequestMessage>? change = null)
{
    using var request = new HttpRequestMessage(method, path) { Content = content };
    change?.Invoke(request);
    using var response = await client.SendAsync(request);
}
