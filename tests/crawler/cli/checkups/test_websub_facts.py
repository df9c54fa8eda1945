"""What `source show` and `doctor` tell of feeds' hubs."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlmodel import Session, select

from crawler.websub.hubs import Announcement, Fresh, announced, failed
from storage.folder import DataFolder
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.ledger import add_hosts
from storage.sql.subscriptions import put_subscription
from storage.sql.tables import LinkRow
from tests.crawler.cli.conftest import Command

FEED, HUB = "https://courier.example/rss", "https://hub.example/"
SAID = Announcement(hub=HUB, topic=FEED)
FRESH = Fresh(base="https://k.example/websub", path="p" * 43, secret="s" * 43)
CALLBACK = {"callback": "https://k.example/websub"}


@pytest.fixture
def feed(kliping: Command, config: Path, settings: dict[str, Any]) -> int:
    """A feed that is watched, where hubs may call; its id."""
    config.write_text(yaml.safe_dump(settings | {"websub": CALLBACK}), encoding="utf-8")
    kliping("source", "add", "https://courier.example/", "--name", "A", "--feed", FEED)
    return 1


def fail(settings: dict[str, Any], link: int) -> None:
    """Enter the feed's hub, which fails."""
    now = datetime.now(UTC)
    begun = announced(None, SAID, link, FRESH, now)
    assert begun is not None
    engine = writing_engine(
        sqlite_url(DataFolder(Path(settings["storage"]["folder"])).path)
    )
    with Session(engine) as session:
        assert session.exec(select(LinkRow.url)).all() == [FEED]
        add_hosts(session, {begun.host}, now)
        put_subscription(session, failed(begun, "HTTP 500", now, 0.5))
        session.commit()
    engine.dispose()


def test_a_feed_that_names_no_hub_has_none(kliping: Command, feed: int) -> None:
    (shown,) = kliping("source", "show", "A").rows

    assert feed == 1
    assert shown["watched"][0]["websub"] == {
        "standing": "none",
        "hub": None,
        "delivered_at": None,
        "deliveries": 0,
        "rejected": 0,
        "missed_at": None,
    }


def test_a_source_shows_why_its_hub_fails(
    kliping: Command, settings: dict[str, Any], feed: int
) -> None:
    fail(settings, feed)

    (shown,) = kliping("source", "show", "A").rows

    assert shown["watched"][0]["websub"]["standing"] == "failing: HTTP 500"
    assert shown["watched"][0]["websub"]["hub"] == HUB


def websub_of(kliping: Command) -> dict[str, Any]:
    (found,) = [row for row in kliping("doctor").rows if row["check"] == "websub"]
    return found


def test_doctor_warns_of_a_hub_that_fails(
    kliping: Command, settings: dict[str, Any], feed: int
) -> None:
    before = websub_of(kliping)
    fail(settings, feed)
    after = websub_of(kliping)

    where = "hubs call https://k.example/websub"
    assert (before["result"], before["found"]) == (
        "good",
        f"{where}; no feed names one",
    )
    assert (after["result"], after["found"]) == ("warn", f"{where}; 1 failing")


def test_doctor_of_no_archive_says_so(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    config.write_text(yaml.safe_dump(settings | {"websub": CALLBACK}), encoding="utf-8")

    assert websub_of(kliping)["found"].endswith("; no feed was read yet")


def test_doctor_of_a_damaged_archive_says_so(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    config.write_text(yaml.safe_dump(settings | {"websub": CALLBACK}), encoding="utf-8")
    DataFolder(Path(settings["storage"]["folder"])).database.write_text("no database")

    assert websub_of(kliping)["result"] == "bad"
