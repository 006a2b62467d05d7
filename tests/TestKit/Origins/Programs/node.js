// Reads each request to its end, reports what it understood in a field and in a line on standard output.
const crypto = require('crypto');
const http = require('http');

const hex = text => Buffer.from(text, 'latin1').toString('hex');

// What applications do to find a route
function path(target) {
  const url = target.startsWith('/') ? target : target.replace(/^[a-z]+:\/\/[^/?]*/i, '');
  try {
    return decodeURIComponent(new URL('http://h' + url).pathname);
  } catch {
    return url;
  }
}

function fields(raw) {
  let text = '';
  for (let i = 0; i < raw.length; i += 2) {
    text += raw[i].toLowerCase() + ': ' + raw[i + 1] + '\r\n';
  }
  return text.slice(0, 4096);
}

const server = http.createServer({ maxHeaderSize: 256 * 1024, keepAlive: true }, (request, response) => {
  const body = [];
  request.on('data', chunk => body.push(chunk));
  request.on('end', () => {
    const content = Buffer.concat(body);
    const seen = [
      request.socket.clientPort, hex(request.method), hex(request.url), Buffer.from(path(request.url)).toString('hex'), hex(request.headers.host ?? ''),
      content.length, crypto.createHash('sha256').update(content).digest('hex').slice(0, 16), hex(fields(request.rawHeaders)),
    ].join('.');
    console.log('seen ' + seen);
    response.writeHead(200, { 'X-Seen': seen, 'Content-Length': 0 }).end();
  });
});
server.on('connection', socket => { socket.clientPort = socket.remotePort; });
server.maxHeadersCount = 1000;
server.keepAliveTimeout = 60000;
server.listen({ port: Number(process.argv[2]), host: '127.0.0.1', backlog: 1024 });
