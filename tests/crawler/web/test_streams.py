"""Events as they come, over real connections."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx
import pytest
from fastapi import FastAPI

from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web import streams as module
from crawler.web.access import Scope
from crawler.web.api import events as api
from crawler.web.app import make_app
from crawler.web.server import serve_pages
from crawler.web.streams import Streams
from storage.sql.events import add_event, newest_event
from storage.writer import Tx
from tests.crawler.web.conftest import GIVEN, TOKEN, bearing, config_for, give
from tests.crawler.web.material import NOON

pytestmark = pytest.mark.anyio

STREAM = {"Accept": "text/event-stream"}


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LOOK_EVERY", 0.02)
    monkeypatch.setattr(api, "HEARTBEAT", 0.2)


@pytest.fixture(scope="module")
async def told_of(
    anyio_backend: str,  # noqa: ARG001  # an async fixture of a module needs it
    tmp_path_factory: pytest.TempPathFactory,
) -> AsyncIterator[tuple[Service, str]]:
    """A service of this module's own, and its address."""
    folder = tmp_path_factory.mktemp("streams")
    async with open_service(config_for(folder)) as service:
        await give(service, Scope.READ, GIVEN[Scope.READ])
        async with serve_pages(service, Pulse()) as address:
            yield service, address


@pytest.fixture
def telling(told_of: tuple[Service, str]) -> Service:
    return told_of[0]


@pytest.fixture
async def client(told_of: tuple[Service, str]) -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(
        base_url=told_of[1],
        headers=bearing(GIVEN[Scope.READ]),
        trust_env=False,
        timeout=20,
    ) as client:
        yield client


async def tell(service: Service, *kinds: str) -> int:
    """Enter events; return the number before the first."""

    def enter(tx: Tx) -> int:
        before = newest_event(tx.session)
        for kind in kinds:
            add_event(tx.session, kind, {}, NOON, send_at=None)
        return before

    return await service.means.writer.run(enter)


class Heard:
    """What a stream says, block by block."""

    def __init__(self, answer: httpx.Response) -> None:
        self.answer = answer
        self._lines = answer.aiter_lines()

    async def block(self) -> dict[str, str]:
        """Return the next block's fields; comments under nothing."""
        fields: dict[str, str] = {}
        async for line in self._lines:
            if not line:
                return fields
            name, _, value = line.partition(": ")
            fields[name.rstrip(":")] = value
        raise EOFError

    async def event(self) -> tuple[int, str]:
        """Return the next event's number and type."""
        while "event" not in (block := await self.block()):
            pass
        return int(block["id"]), block["event"]


@asynccontextmanager
async def listening(
    client: httpx.AsyncClient, path: str = "/v1/events/stream", **headers: str
) -> AsyncIterator[Heard]:
    async with client.stream("GET", path, headers=headers) as answer:
        assert answer.status_code == 200
        heard = Heard(answer)
        assert "retry" in await heard.block()
        first = await heard.block()
        assert first[""] == "listening"  # events may follow: it cannot say that none do
        assert "id" in first
        yield heard


async def test_what_comes_is_told_to_all_who_listen(
    client: httpx.AsyncClient, telling: Service
) -> None:
    await tell(telling, "article.new")
    async with listening(client) as one, listening(client) as other:
        last = await tell(telling, "article.changed", "article.gone")

        for heard in (one, other):
            assert await heard.event() == (last + 1, "article.changed")
            assert await heard.event() == (last + 2, "article.gone")
        await tell(telling, "article.back")
        assert await one.event() == (last + 3, "article.back")
    assert one.answer.headers["content-type"].startswith("text/event-stream")
    assert "content-security-policy" in one.answer.headers


@pytest.mark.parametrize(
    ("path", "headers", "first"),
    [
        ("/v1/events/stream?after={1}", {}, 2),
        ("/v1/events/stream?after=0", {"Last-Event-ID": "{2}"}, 3),
        ("/v1/events?after={0}", STREAM, 1),
        ("/v1/events/stream?after={0}&type=source.*", {}, 3),
    ],
)
async def test_a_stream_goes_on_from_where_it_is_told(
    client: httpx.AsyncClient,
    telling: Service,
    path: str,
    headers: dict[str, str],
    first: int,
) -> None:
    last = await tell(telling, "article.new", "article.gone", "source.degraded")
    ids = [last, last + 1, last + 2]
    said = {name: value.format(*ids) for name, value in headers.items()}

    async with listening(client, path.format(*ids), **said) as heard:
        number, _ = await heard.event()

    assert number == last + first


async def test_only_the_types_that_are_asked_for_are_told(
    client: httpx.AsyncClient, telling: Service
) -> None:
    path = "/v1/events/stream?type=source.*&type=article.gone"
    async with listening(client, path) as heard:
        last = await tell(telling, "article.new", "source.degraded", "article.gone")

        assert await heard.event() == (last + 2, "source.degraded")
        assert await heard.event() == (last + 3, "article.gone")


async def test_many_that_came_meanwhile_are_told_in_order(
    client: httpx.AsyncClient, telling: Service
) -> None:
    last = await tell(telling, *["article.new"] * 450)

    async with listening(client, f"/v1/events/stream?after={last}") as heard:
        numbers = [(await heard.event())[0] for _ in range(450)]

    assert numbers == list(range(last + 1, last + 451))


async def test_a_number_that_never_was_is_taken_for_the_newest(
    client: httpx.AsyncClient, telling: Service
) -> None:
    path = f"/v1/events/stream?after={10**15}"
    async with listening(client, path) as heard:
        last = await tell(telling, "article.new")

        assert await heard.event() == (last + 1, "article.new")


async def test_while_nothing_comes_a_comment_does(
    client: httpx.AsyncClient, telling: Service
) -> None:
    last = await tell(telling, "article.new")
    async with listening(
        client, f"/v1/events/stream?after={last}&type=service.rebuilt"
    ) as heard:
        block = await heard.block()

    assert (block[""], block["id"]) == ("nothing new", str(last + 1))


async def test_a_stream_ends_with_the_service_and_holds_nothing_up(
    telling: Service,
) -> None:
    own = bearing(GIVEN[Scope.READ])
    async with httpx.AsyncClient(headers=own, trust_env=False) as client:
        async with serve_pages(telling, Pulse()) as address:
            path = f"{address}/v1/events/stream"
            opened = listening(client, path)
            heard = await opened.__aenter__()

        with pytest.raises(EOFError):  # ended as it should, not torn
            await heard.event()
        await opened.__aexit__(None, None, None)


async def test_there_are_so_many_streams_and_a_place_is_free_again(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module.Streams, "_take_place", _one_place)

    async with listening(client):
        refused = await client.get("/v1/events/stream")
        listed = await client.get("/v1/events")

    assert (refused.status_code, refused.headers["retry-after"]) == (503, "30")
    assert refused.headers["content-type"] == "application/problem+json"
    assert listed.status_code == 200
    for _ in range(200):
        async with client.stream("GET", "/v1/events/stream") as answer:
            if answer.status_code == 200:
                break
        await asyncio.sleep(0.02)
    else:
        pytest.fail("the place was never free")


def _one_place(streams: Streams) -> None:
    if streams._open:
        raise module.TooManyStreams
    streams._open += 1


async def test_a_head_of_a_stream_ends(client: httpx.AsyncClient) -> None:
    one = await client.head("/v1/events/stream")
    other = await client.head("/v1/events", headers=STREAM)

    assert (one.status_code, other.status_code) == (200, 200)
    assert one.headers["content-type"].startswith("text/event-stream")


async def test_nobody_is_watched_for_when_nobody_listens(telling: Service) -> None:
    app: FastAPI = make_app(telling, Pulse(), TOKEN)
    streams: Streams = app.state.streams

    async with streams.place():
        assert streams._watcher is not None

    assert streams._watcher is None
