"""Servers of HTTP/2 on loopback, good and odd, by the library that real ones use."""

import asyncio
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import h2.config
import h2.connection
import h2.events
import h2.exceptions

Pair = tuple[bytes, bytes]

#: Answers one stream of a connection.
Answer = Callable[["Talk", int], Awaitable[None]]

OK = (b":status", b"200")
HTML = (b"content-type", b"text/html; charset=utf-8")


@dataclass
class Server:
    """A running server, and the header lists of the requests it was sent."""

    port: int
    requests: list[list[Pair]] = field(default_factory=list)
    connections: int = 0

    def url(self, path: str = "/") -> str:
        return f"https://127.0.0.1:{self.port}{path}"


class Talk:
    """One connection, as its server sees it; it may send what no good one would."""

    def __init__(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        self.reader, self.writer = reader, writer
        self.h2 = h2.connection.H2Connection(
            config=h2.config.H2Configuration(
                client_side=False,
                header_encoding=None,
                validate_outbound_headers=False,
                normalize_outbound_headers=False,
            )
        )
        self.h2.initiate_connection()

    async def flush(self) -> None:
        self.writer.write(self.h2.data_to_send())
        await self.writer.drain()

    async def read(self) -> list[h2.events.Event]:
        data = await self.reader.read(65536)
        if not data:
            raise ConnectionError("the visitor left")
        events = self.h2.receive_data(data)
        await self.flush()
        return events

    async def head(self, stream: int, *headers: Pair, end: bool = False) -> None:
        self.h2.send_headers(stream, headers, end_stream=end)
        await self.flush()

    async def body(self, stream: int, data: bytes, *, end: bool = True) -> None:
        """Send data as the visitor's windows allow."""
        while data:
            room = self.h2.local_flow_control_window(stream)
            size = min(room, self.h2.max_outbound_frame_size, len(data))
            if size == 0:
                await self.read()
                continue
            self.h2.send_data(stream, data[:size])
            data = data[size:]
            await self.flush()
        if end:
            self.h2.end_stream(stream)
            await self.flush()

    async def raw(self, frames: bytes) -> None:
        self.writer.write(frames)
        await self.writer.drain()


def page(body: bytes, *headers: Pair) -> Answer:
    """Return an answer of 200 with these headers and body."""

    async def answer(talk: Talk, stream: int) -> None:
        await talk.head(stream, OK, *headers)
        await talk.body(stream, body)

    return answer


@asynccontextmanager
async def serving_http2(*answers: Answer, tls: ssl.SSLContext) -> AsyncIterator[Server]:
    """Run a server that gives its answers in turn, the last one for ever."""
    talks: list[asyncio.Task[None]] = []
    server = Server(port=0)

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        task = asyncio.current_task()
        assert task is not None
        talks.append(task)
        server.connections += 1
        with suppress(OSError, asyncio.CancelledError, h2.exceptions.H2Error):
            talk = Talk(reader, writer)
            await talk.flush()
            while True:
                for event in await talk.read():
                    if isinstance(event, h2.events.RequestReceived):
                        server.requests.append(list(event.headers))
                        place = min(len(server.requests), len(answers)) - 1
                        await answers[place](talk, event.stream_id)
        writer.close()

    listener = await asyncio.start_server(converse, "127.0.0.1", 0, ssl=tls)
    server.port = listener.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        listener.close()
        for talk in talks:
            talk.cancel()
        await asyncio.gather(*talks)
