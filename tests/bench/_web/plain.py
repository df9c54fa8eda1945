"""Serve packed files over HTTP: `python -m tests.bench._web.plain FOLDER PORT`.

Each folder of FOLDER/sites is named after the loopback address that it is served at.
"""

import asyncio
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

_KINDS = {".html": "text/html", ".xml": "text/xml", ".txt": "text/plain"}


async def answer(
    sites: Path, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve a connection until it ends."""
    site = sites / writer.get_extra_info("sockname")[0]
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            target = urlsplit(head.split(b" ", 2)[1].decode("ascii"))
            writer.write(response(site, unquote(target.path)))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        pass
    finally:
        writer.close()


def response(site: Path, path: str) -> bytes:
    """Return the answer to a request for a path."""
    name = path.lstrip("/") or "index.html"
    file = site / f"{name}.gz"
    if ".." in name or not file.is_file():
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    body = file.read_bytes()
    kind = _KINDS[Path(name).suffix]
    head = (
        f"HTTP/1.1 200 OK\r\nContent-Type: {kind}\r\n"
        f"Content-Encoding: gzip\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


async def main(folder: Path, port: int) -> None:
    """Serve until the process is ended."""
    sites = folder / "sites"
    for site in sites.iterdir():
        await asyncio.start_server(
            lambda r, w: answer(sites, r, w), site.name, port, limit=2**16
        )
    await asyncio.Event().wait()


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), int(sys.argv[2])))
