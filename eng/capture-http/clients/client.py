"""Requests of Python's clients: client.py LIBRARY ORIGIN. The library is urllib, http.client, requests or aiohttp."""
import asyncio
import http.client
import sys
import urllib.parse
import urllib.request

library, origin = sys.argv[1:]
address = urllib.parse.urlsplit(origin).netloc


def pieces():
    yield b"first"
    yield b"second"


def use_urllib():
    urllib.request.urlopen(origin + "/a?" + urllib.parse.urlencode({"q": "a b&c"})).read()
    urllib.request.urlopen(origin + "/form", data=b"a=1&b=2").read()
    request = urllib.request.Request(origin + "/x", method="DELETE", headers={"Authorization": "Bearer abc", "X-Empty": ""})
    urllib.request.urlopen(request).read()
    proxy = urllib.request.build_opener(urllib.request.ProxyHandler({"http": origin}))
    proxy.open("http://api.example/through?proxy").read()


def use_http_client():
    connection = http.client.HTTPConnection(address)
    for method, path, body in (("GET", "/first", None), ("HEAD", "/second", None), ("PUT", "/chunks", pieces()), ("POST", "/empty", ""), ("OPTIONS", "*", None)):
        connection.request(method, path, body=body, encode_chunked=body is not None and not isinstance(body, str))
        connection.getresponse().read()


def use_requests():
    import requests
    with requests.Session() as session:
        session.get(origin + "/cookie", params={"q": "ä/ö", "list": [1, 2]})
        session.get(origin + "/cookie", auth=("user", "pass"))
        session.post(origin + "/json", json={"a": 1})
        session.post(origin + "/form", data={"a": "1 2"})
        session.post(origin + "/parts", files={"file": ("a.txt", b"hello")}, data={"b": "2"})
        session.put(origin + "/stream", data=pieces())
        session.head(origin + "/head")
        session.get(origin + "/moved")


async def use_aiohttp():
    import aiohttp

    async def parts():
        for piece in pieces():
            yield piece

    async with aiohttp.ClientSession() as session:
        for method, path, options in (
                ("GET", "/a?q=a b", {}), ("POST", "/json", {"json": {"a": 1}}), ("POST", "/form", {"data": {"a": "1"}}), ("PUT", "/stream", {"data": parts()}),
                ("POST", "/wait", {"data": b"body", "expect100": True}), ("HEAD", "/head", {}), ("GET", "/gzip", {"compress": False, "headers": {"Range": "bytes=1-"}})):
            async with session.request(method, origin + path, **options) as response:
                await response.read()
        async with session.ws_connect(origin + "/socket", protocols=("chat",)):
            pass


if library == "aiohttp":
    asyncio.run(use_aiohttp())
else:
    {"urllib": use_urllib, "http.client": use_http_client, "requests": use_requests}[library]()
