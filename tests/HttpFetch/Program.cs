// A client as people write it: HttpClient, no settings. Prints the status of each address; after --peer also whom the socket names as its peer, after --post also that of a POST.
using System.Net;
using System.Net.Sockets;

var showsPeer = args is ["--peer", ..];
var posts = args is ["--post", ..];
using var plain = new HttpClient();
using var showing = new HttpClient(new SocketsHttpHandler { ConnectCallback = ConnectAsync });
foreach (var address in args.Skip(showsPeer || posts ? 1 : 0))
{
    using var response = await (showsPeer ? showing : plain).GetAsync(new Uri(address));
    Console.WriteLine((int)response.StatusCode);
    if (posts)
    {
        using var posted = await plain.PostAsync(new Uri(address), content: null);
        Console.WriteLine((int)posted.StatusCode);
    }
}

static async ValueTask<Stream> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken stop)
{
    var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
    await socket.ConnectAsync(context.DnsEndPoint, stop);
    Console.WriteLine(socket.RemoteEndPoint is IPEndPoint { Address.IsIPv4MappedToIPv6: true } mapped ? new IPEndPoint(mapped.Address.MapToIPv4(), mapped.Port) : socket.RemoteEndPoint);
    return new NetworkStream(socket, ownsSocket: true);
}
