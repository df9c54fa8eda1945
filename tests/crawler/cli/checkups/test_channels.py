"""`kliping doctor` of the ways by which alerts are told."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import Session

from storage.folder import DataFolder
from storage.sql.digests import DigestState, enter_digest, note_digest
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.events import add_event, note_failed
from tests.crawler.cli.conftest import Command

NOW = datetime(2026, 3, 16, 12, tzinfo=UTC)
ALERTS = {
    "webhook": "https://desk.example/hook?key=ours",
    "secret": "s3cret",
    "mail": {"to": ["a@b.example"], "sender": "k@b.example", "host": "mail.b.example"},
}


@pytest.fixture
def told(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> Callable[[], list[tuple[str, str]]]:
    """Return what doctor says of the webhook and of the mail."""
    config.write_text(yaml.safe_dump(settings | {"alerts": ALERTS}), encoding="utf-8")

    def ask() -> list[tuple[str, str]]:
        rows = {row["check"]: row for row in kliping("doctor").rows}
        return [(rows[n]["result"], rows[n]["found"]) for n in ("webhook", "mail")]

    return ask


def enter(settings: dict[str, Any], work: Callable[[Session], object]) -> None:
    folder = DataFolder(Path(settings["storage"]["folder"]))
    engine = writing_engine(sqlite_url(folder.path))
    with Session(engine) as session:
        work(session)
        session.commit()
    engine.dispose()


def test_what_nobody_takes_is_warned_of(
    kliping: Command, settings: dict[str, Any], told: Callable[[], Any]
) -> None:
    nowhere = told()
    courier = "https://courier.example/"
    kliping("source", "add", courier, "--name", "A", "--feed", f"{courier}feed")
    before = told()

    def fail(session: Session) -> None:
        add_event(session, "source.degraded", {}, NOW, send_at=NOW)
        note_failed(session, 1, "HTTP 500", NOW)
        enter_digest(session, NOW.date(), DigestState.SENDING, NOW)
        note_digest(session, NOW.date(), DigestState.FAILED, why="550 no such box")

    enter(settings, fail)

    assert nowhere == [("good", "nothing was sent yet")] * 2
    assert before == [
        ("good", "all that was sent was taken"),
        ("good", "no digest was due yet"),
    ]
    assert told() == [
        (
            "warn",
            "1 events wait that it did not take, since 2026-03-16 12:00 UTC (HTTP 500)",
        ),
        ("warn", "the digest of 2026-03-16: failed (550 no such box)"),
    ]
