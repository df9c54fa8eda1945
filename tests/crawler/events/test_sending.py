"""Events sent to a real server on loopback."""

import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from sqlmodel import Session, select
from structlog.testing import capture_logs

from crawler.config.tree import Config
from crawler.events.sending import Sender
from crawler.health.telling import signature
from crawler.service.clients import webhook_client
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.events import add_event, list_events
from storage.sql.tables import EventRow
from tests.crawler.desk import Desk, open_desk
from tests.storage.material import NOON

pytestmark = pytest.mark.anyio


@dataclass
class Hook:
    """What a webhook answers, and what it was sent."""

    url: str = ""
    answers: list[int] = field(default_factory=list)
    taken: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def listening() -> Iterator[Hook]:
    hook = Hook()

    class Taking(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            size = int(self.headers["Content-Length"])
            heads = {name.lower(): value for name, value in self.headers.items()}
            hook.taken.append((heads, self.rfile.read(size)))
            self.send_response(hook.answers.pop(0) if hook.answers else 204)
            self.send_header("Location", "http://127.0.0.1:9/")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Taking)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    hook.url = f"http://127.0.0.1:{server.server_port}/hook?of=ours"
    try:
        yield hook
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


@pytest.fixture
def hook() -> Iterator[Hook]:
    with listening() as hook:
        yield hook


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        await desk.means.writer.run(
            lambda tx: [
                add_event(tx.session, "source.degraded", {"n": n}, NOON, send_at=NOON)
                for n in (1, 2)
            ]
        )
        yield desk


def sender(desk: Desk, hook: Hook, now: datetime = NOON) -> Sender:
    engine = reading_engine(sqlite_url(desk.folder.path))
    desk.use(now=lambda: now)
    return Sender(
        means=desk.means,
        sessions=lambda: Session(engine),
        client=lambda: webhook_client(Config()),
        webhook=hook.url,
        secret="s3cret of ours",  # noqa: S106
    )


async def test_events_are_sent_in_order_and_signed(desk: Desk, hook: Hook) -> None:
    assert await sender(desk, hook).send_due() == 2

    (heads, body), (_, second) = hook.taken
    assert b'"n": 1' in body
    assert b'"n": 2' in second
    name, stamp = heads["webhook-id"], heads["webhook-timestamp"]
    made = signature("s3cret of ours", name, stamp, body)
    assert heads["webhook-signature"] == made
    assert heads["content-type"] == "application/json"


async def test_what_was_taken_is_not_sent_again(desk: Desk, hook: Hook) -> None:
    await sender(desk, hook).send_due()

    assert await sender(desk, hook, NOON + timedelta(hours=1)).send_due() == 0
    with Session(reading_engine(sqlite_url(desk.folder.path))) as session:
        assert {one.sent_at for one in list_events(session, after=0, limit=9)} == {NOON}


@pytest.mark.parametrize("status", [500, 404, 302])
async def test_what_was_not_taken_is_sent_again_before_later_ones(
    desk: Desk, hook: Hook, status: int
) -> None:
    hook.answers = [status]

    assert await sender(desk, hook).send_due() == 0
    first, second = desk.read(select(EventRow).order_by(EventRow.id))
    assert (first.tries, first.why) == (1, f"HTTP {status}")
    assert first.next_try == NOON + timedelta(minutes=1)
    assert (second.tries, second.next_try) == (0, NOON)
    assert await sender(desk, hook, NOON + timedelta(minutes=2)).send_due() == 2
    assert hook.taken[0][1] == hook.taken[1][1]


async def test_that_an_event_is_given_up_is_in_the_log(desk: Desk, hook: Hook) -> None:
    hook.answers = [500]
    late = sender(desk, hook, NOON + timedelta(days=4))

    with capture_logs() as logs:
        await late.send_due()

    assert [(one["event"], one["number"]) for one in logs] == [("event given up", 1)]


async def test_a_webhook_that_is_away_loses_nothing(desk: Desk) -> None:
    with listening() as gone:
        url = gone.url

    assert await sender(desk, Hook(url=url)).send_due() == 0
    first, _ = desk.read(select(EventRow).order_by(EventRow.id))
    assert first.why.startswith("no connection: ")


def test_a_webhook_needs_a_secret() -> None:
    with pytest.raises(ValueError, match="a webhook needs one"):
        Config.model_validate({"alerts": {"webhook": "https://ops.example/hook"}})


def test_the_secret_is_not_printed() -> None:
    said = {"webhook": "https://ops.example/hook", "secret": "s3cret"}
    config = Config.model_validate({"alerts": said})

    assert "s3cret" not in repr(config)
    assert "s3cret" not in config.model_dump_json()
