"""A site of one page on loopback, to be fetched from."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

_SENTENCE = (
    "The ferry between the two banks ran all night because the road below the "
    "hill had been washed away by the rain of the last three days. "
)
PAGE = (
    "<!doctype html><html lang='en'><head><title>Ferry runs all night</title>"
    "<meta property='og:type' content='article'>"
    "<meta property='article:published_time' content='2026-03-14T09:05:00+01:00'>"
    "</head><body><article><h1>Ferry runs all night after road is lost</h1>"
    + f"<p>{_SENTENCE}</p>" * 2
    + "".join(
        f"<p>Crossing {n} took on {n * 7} people. {_SENTENCE}</p>" for n in range(1, 9)
    )
    + "</article></body></html>"
).encode()


@asynccontextmanager
async def site() -> AsyncIterator[str]:
    """Serve PAGE at every path but /robots.txt; yield the site's address."""

    async def answer(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        missing = head.startswith(b"GET /robots.txt")
        status, body = ("404 Not Found", b"") if missing else ("200 OK", PAGE)
        writer.write(
            f"HTTP/1.1 {status}\r\nContent-Type: text/html; charset=utf-8\r\n"
            f"Content-Length: {len(body)}\r\nConnection: close\r\n\r\n".encode()
            + body
        )
        await writer.drain()
        writer.close()
        await writer.wait_closed()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
