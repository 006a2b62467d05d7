// Responses of Node.js: server.mjs PORT
import http from "node:http";

const server = http.createServer((request, response) => {
  request.resume();
  switch (request.url.split("?")[0]) {
    case "/chunks": response.write("first"); response.write("second"); return response.end();
    case "/trailers": response.writeHead(200, { Trailer: "X-Sum" }); response.write("body"); response.addTrailers({ "X-Sum": "4" }); return response.end();
    case "/none": response.writeHead(204); return response.end();
    case "/same": response.writeHead(304, { ETag: '"a"' }); return response.end();
    case "/hints": return response.writeEarlyHints({ link: "</a.css>; rel=preload" }, () => response.end("hinted"));
    case "/processing": response.writeProcessing(); return response.end("done");
    case "/cookies": response.setHeader("Set-Cookie", ["a=1", "b=2"]); return response.end("x");
    case "/odd": response.writeHead(299, "Odd \xE9 reason", { "x-latin": "caf\xE9", "x-empty": "" }); return response.end("odd");
    case "/missing": response.writeHead(404, { "Content-Length": 0 }); return response.end();
    default: return response.end("hello");
  }
});
server.on("upgrade", (request, socket) => {
  socket.end("HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n");
});
server.listen(Number(process.argv[2]), "127.0.0.1");
