"""One listening port and the connections made to it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

from crawler.demo.wire import Asked, read_request

Serve = Callable[[Asked, asyncio.StreamWriter], Awaitable[None]]


@asynccontextmanager
async def listening(host: str, port: int, serve: Serve) -> AsyncIterator[str]:
    """Serve a port while the context is open; gives the base URL.

    Args:
        host: Address to listen on.
        port: Port, or 0 for a free one.
        serve: Writes the answer to one request.
    """
    connections: set[asyncio.Task[None]] = set()

    def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.create_task(_converse(serve, reader, writer))
        connections.add(task)
        task.add_done_callback(connections.discard)

    server = await asyncio.start_server(accept, host, port)
    try:
        name, number = server.sockets[0].getsockname()[:2]
        yield f"http://[{name}]:{number}" if ":" in name else f"http://{name}:{number}"
    finally:
        server.close()
        for task in connections:
            task.cancel()
        await asyncio.gather(*connections, return_exceptions=True)


async def _converse(
    serve: Serve, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Answer requests until one side has had enough."""
    try:
        with suppress(ConnectionError):
            while asked := await read_request(reader):
                await serve(asked, writer)
                await writer.drain()
                if not asked.keeps_alive:
                    break
    finally:
        writer.close()
        with suppress(ConnectionError):
            await writer.wait_closed()
