"""Reads each request to its end, reports what it understood in a field and in a line on standard output."""
import asyncio
import hashlib
import sys

from aiohttp import web

MAX_HEAD = 256 * 1024


async def answer(request):
    # what the router of an application does
    if request.version == (1, 1) and request.headers.get("Expect", "").lower() == "100-continue":
        request.transport.write(b"HTTP/1.1 100 Continue\r\n\r\n")
    body = await request.read()
    fields = b"".join(name.lower() + b": " + value + b"\r\n" for name, value in request.raw_headers)
    host = request.headers.get("Host", "")
    seen = ".".join([
        str(request.transport.get_extra_info("peername")[1]),
        request.method.encode("latin-1", "replace").hex(),
        request.raw_path.encode("utf-8", "surrogateescape").hex(),
        request.path.encode("utf-8", "surrogateescape").hex(),
        host.encode("utf-8", "surrogateescape").hex(),
        str(len(body)),
        hashlib.sha256(body).hexdigest()[:16],
        fields[:4096].hex(),
    ])
    print("seen " + seen, flush=True)
    return web.Response(headers={"X-Seen": seen})


async def main():
    server = web.Server(answer, max_line_size=MAX_HEAD, max_field_size=MAX_HEAD, max_headers=1000, access_log=None)
    runner = web.ServerRunner(server)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", int(sys.argv[1]), backlog=1024).start()
    await asyncio.Event().wait()


asyncio.run(main())
