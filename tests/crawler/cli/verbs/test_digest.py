"""`kliping digest`."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import AsyncExitStack
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlmodel import Session

from crawler.clock import utc_now
from storage.alerts import Alert, AlertKind, Loss
from storage.sql.alerts import put_alerts
from storage.sql.engine import sqlite_url, writing_engine
from tests.crawler.cli.conftest import Command
from tests.crawler.digest.mailbox import Mailbox, mailbox
from tests.migrated import migrate_copy


@pytest.fixture
def box(settings: dict[str, Any]) -> Iterator[Mailbox]:
    """A mail server in a thread of its own, to which the settings send."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    stack = AsyncExitStack()
    entered = stack.enter_async_context(mailbox())
    box = asyncio.run_coroutine_threadsafe(entered, loop).result(10)
    settings["alerts"] = {
        "mail": {
            "to": ["desk@news.example"],
            "sender": "kliping@news.example",
            "host": "127.0.0.1",
            "port": box.port,
            "security": "none",
        }
    }
    yield box
    asyncio.run_coroutine_threadsafe(stack.aclose(), loop).result(10)
    loop.call_soon_threadsafe(loop.stop)
    thread.join(10)
    loop.close()


@pytest.fixture
def alarmed(settings: dict[str, Any]) -> None:
    """An archive with an open alert."""
    place = Path(settings["storage"]["folder"])
    place.mkdir()
    migrate_copy(sqlite_url(place))
    engine = writing_engine(sqlite_url(place))
    opened = Alert(
        source=None,
        loss=Loss.ARTICLES,
        kind=AlertKind.SILENT,
        why="no new article for 31 h",
        bad_since=utc_now() - timedelta(hours=9),
        opened_at=utc_now() - timedelta(hours=8),
        is_told=True,
    )
    with Session(engine) as session:
        put_alerts(session, {}, [opened])
        session.commit()
    engine.dispose()


@pytest.mark.usefixtures("alarmed")
def test_it_prints_what_would_be_sent(kliping: Command) -> None:
    done = kliping("digest")

    assert done.code == 0, done.err
    assert done.out.startswith("Kliping: the service silent\n\n0 articles of ")
    assert "no new article for 31 h [docs/alerts.md#silent]" in done.out


@pytest.mark.usefixtures("alarmed")
def test_it_sends_it_once(box: Mailbox, kliping: Command) -> None:
    sent = kliping("digest", "--send")
    again = kliping("digest", "--send")

    assert (sent.code, again.code) == (0, 2), sent.err
    assert "sent" in sent.err
    assert "none is sent twice" in again.err
    assert box.mail["Subject"] == "Kliping: the service silent"


@pytest.mark.usefixtures("alarmed")
def test_a_server_that_refuses_is_named(box: Mailbox, kliping: Command) -> None:
    box.answers = {"MAIL": ["451 come again"]}

    done = kliping("digest", "--send")

    assert done.code == 4
    assert "mail not sent: 451 come again" in done.err


@pytest.mark.usefixtures("alarmed")
def test_without_a_server_nothing_can_be_sent(kliping: Command) -> None:
    done = kliping("digest", "--send")

    assert done.code == 2
    assert "alerts.mail is not set" in done.err
