"""Connections to the pages, of which anybody may open many."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import pytest
import uvicorn
from starlette.responses import PlainTextResponse
from starlette.types import Receive, Scope, Send
from uvicorn.server import ServerState

from crawler.web.connections import BoundedConnection, Bounds

pytestmark = pytest.mark.anyio

ASKED = b"GET / HTTP/1.1\r\nHost: h\r\n\r\n"
LONG, SHORT = 60.0, 0.05

Wires = tuple[asyncio.StreamReader, asyncio.StreamWriter]
Connect = Callable[[], Awaitable[Wires]]


async def slow(scope: Scope, receive: Receive, send: Send) -> None:
    """Answer when the body is whole; /never not at all."""
    if scope["path"] == "/never":
        await asyncio.Event().wait()
    while (await receive()).get("more_body"):
        pass
    await PlainTextResponse("well")(scope, receive, send)


@asynccontextmanager
async def pages(*, most: int = 3, patience: float = LONG) -> AsyncIterator[Connect]:
    """Serve; give what connects."""
    make = partial(
        BoundedConnection,
        config=uvicorn.Config(slow, log_config=None, lifespan="off", ws="none"),
        server_state=ServerState(),
        app_state={},
        bounds=Bounds(most=most, patience=patience),
    )
    loop = asyncio.get_running_loop()
    server = await loop.create_server(make, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    async with AsyncExitStack() as stack:
        stack.callback(server.close)

        async def connect() -> Wires:
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            stack.callback(writer.close)
            return reader, writer

        yield connect


async def answer_on(wires: Wires, sent: bytes = ASKED) -> bytes:
    """Send, and return what came until a word of the answer or the end."""
    wires[1].write(sent)
    return await ended(wires[0], b"well")


async def ended(reader: asyncio.StreamReader, by: bytes = b"\0") -> bytes:
    try:
        return await reader.readuntil(by)
    except asyncio.IncompleteReadError as error:
        return error.partial
    except ConnectionResetError:
        return b""


async def test_of_too_many_the_one_ends_that_waited_longest() -> None:
    async with pages(most=3) as connect:
        idle = [await connect() for _ in range(3)]
        await answer_on(idle[0])  # it waits anew

        last = await connect()

        assert await ended(idle[1][0]) == b""
        for wires in (idle[0], idle[2], last):
            assert (await answer_on(wires)).endswith(b"well")


async def test_who_is_being_answered_is_not_ended_for_others() -> None:
    async with pages(most=2) as connect:
        answered = [await connect() for _ in range(2)]
        for _, writer in answered:
            writer.write(ASKED.replace(b"/", b"/never", 1))
        await asyncio.sleep(SHORT)

        one_more = await connect()

        assert await ended(one_more[0]) == b""
        assert not any(reader.at_eof() for reader, _ in answered)


@pytest.mark.parametrize(
    "sent",
    [
        b"",
        b"GET / HTTP/1.1\r\nHost: ",
        b"POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 9\r\n\r\nhalf",
    ],
    ids=["nothing", "half of a head", "half of a body"],
)
async def test_a_request_that_is_not_whole_in_time_ends_its_connection(
    sent: bytes,
) -> None:
    async with pages(patience=SHORT) as connect:
        wires = await connect()

        assert await answer_on(wires, sent) == b""


async def test_an_answer_may_take_longer_than_its_request() -> None:
    async with pages(patience=SHORT) as connect:
        reader, writer = await connect()
        writer.write(ASKED.replace(b"/", b"/never", 1))
        await asyncio.sleep(3 * SHORT)

        assert not reader.at_eof()


async def test_a_thousand_at_once_leave_room_for_one_that_asks() -> None:
    async with pages(most=20) as connect:
        for _ in range(1_000):
            await connect()

        assert (await answer_on(await connect())).endswith(b"well")
