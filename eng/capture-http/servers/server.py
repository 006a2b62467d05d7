"""Responses of Python's servers: server.py LIBRARY PORT. The library is http.server (in the folder it is started in) or aiohttp."""
import http.server
import sys

library, port = sys.argv[1], int(sys.argv[2])


def serve_aiohttp():
    from aiohttp import web

    async def chunks(request):
        response = web.StreamResponse()
        response.enable_chunked_encoding()
        await response.prepare(request)
        await response.write(b"first")
        await response.write(b"second")
        return response

    async def socket(request):
        response = web.WebSocketResponse(protocols=("chat",))
        await response.prepare(request)
        await response.close()
        return response

    async def cookies(_):
        response = web.Response(text="x", headers={"X-Latin": "café"})
        response.set_cookie("a", "1", httponly=True)
        response.set_cookie("b", "2", path="/b")
        return response

    async def moved(_):
        raise web.HTTPFound("/text")

    application = web.Application()
    application.add_routes([
        web.get("/text", lambda _: web.Response(text="hello")), web.get("/chunks", chunks), web.get("/socket", socket), web.get("/cookies", cookies),
        web.get("/none", lambda _: web.Response(status=204)), web.get("/moved", moved), web.put("/text", lambda _: web.Response(text="put"))])
    web.run_app(application, host="127.0.0.1", port=port, print=None)


if library == "aiohttp":
    serve_aiohttp()
else:
    if len(sys.argv) > 3:
        http.server.SimpleHTTPRequestHandler.protocol_version = "HTTP/1.1"
    http.server.ThreadingHTTPServer(("127.0.0.1", port), http.server.SimpleHTTPRequestHandler).serve_forever()
