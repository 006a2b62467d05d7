// Requests of Node.js: client.mjs LIBRARY ORIGIN. The library is http or fetch.
import http from "node:http";

const [library, origin] = process.argv.slice(2);
const agent = new http.Agent({ keepAlive: true });

function send(method, path, pieces = [], options = {}) {
  return new Promise((resolve, reject) => {
    const request = http.request(origin + path, { method, agent, ...options }, (response) => response.resume().on("end", resolve));
    request.on("error", reject);
    request.on("upgrade", (_, socket) => { socket.destroy(); resolve(); });
    for (const piece of pieces) request.write(piece);
    request.end();
  });
}

if (library === "http") {
  await send("GET", "/a?b=c");
  await send("PUT", "/chunks", ["first", "second"], { headers: { Trailer: "X-Sum" } });
  await send("POST", "/length", ["hello"], { headers: { "Content-Length": 5, "Content-Type": "text/plain" } });
  await send("POST", "/wait", ["hello"], { headers: { "Content-Length": 5, Expect: "100-continue" } });
  await send("DELETE", "/x", [], { headers: { "x-list": ["a", "b"], cookie: ["a=1", "b=2"] } });
  await send("GET", "/close", [], { agent: false });
  await send("GET", "/socket", [], { headers: { Connection: "Upgrade", Upgrade: "websocket", "Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==" } });
} else {
  const text = (response) => response.text();
  await fetch(origin + "/a?b=ä").then(text);
  await fetch(origin + "/json", { method: "POST", headers: { "Content-Type": "application/json" }, body: "{}" }).then(text);
  await fetch(origin + "/form", { method: "POST", body: new URLSearchParams({ a: "1 2" }) }).then(text);
  const form = new FormData();
  form.append("file", new Blob(["hello"]), "a.txt");
  await fetch(origin + "/parts", { method: "POST", body: form }).then(text);
  await fetch(origin + "/stream", { method: "PUT", duplex: "half", body: new Blob(["hello"]).stream() }).then(text);
  await fetch(origin + "/head", { method: "HEAD" }).then(text);
  await fetch(origin + "/moved").then(text);
}
agent.destroy();
