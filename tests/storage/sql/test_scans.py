"""What is asked every second, or for every page, reads no whole table."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, text
from sqlmodel import Session

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.sql import visits
from storage.sql.captures import last_captures
from storage.sql.census import ledger_counts
from storage.sql.health import source_health
from storage.sql.ledger import (
    add_links,
    judged_urls,
    links_found_since,
    links_put_off,
    pulls_of_watched,
)
from storage.sql.looks import tally_of
from storage.sql.serving import note_served
from storage.sql.subscriptions import due_hubs
from storage.sql.trails import newest_ends, release_trapped
from storage.sql.visits import due_hosts, is_pending, open_visit
from tests.plans import Ask, scans
from tests.storage.material import ON_SQLITE

pytestmark = ON_SQLITE  # small tables are scanned by PostgreSQL, and rightly

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
LEASE = timedelta(minutes=5)


def fill(session: Session) -> None:
    found = [
        NewLink(
            url=f"https://a.example/{n}",
            key=f"//a.example/{n}",
            host="a.example",
            kind=LinkKind.ARTICLE,
            next_run=NOW,
        )
        for n in range(20)
    ]
    add_links(session, found, source=None, found_on=None, now=NOW)
    session.commit()


@pytest.mark.parametrize(
    "ask",
    [
        lambda session: due_hosts(session, NOW, 16),
        lambda session: due_hosts(session, NOW, 16, closed=(1, 2)),
        lambda session: is_pending(session, since=NOW, now=NOW),
        lambda session: open_visit(
            session, "a.example", now=NOW, until=NOW + LEASE, limit=20
        ),
        lambda session: due_hubs(session, NOW, 16),
        pulls_of_watched,
        lambda session: tally_of(session, 1),
        lambda session: links_found_since(session, 1, NOW),
        lambda session: links_put_off(session, 1),
        lambda session: links_put_off(session, 1, "late"),
        lambda session: note_served(session, "a.example", NOW + timedelta(days=2)),
        lambda session: judged_urls(session, 1),
        lambda session: newest_ends(session, 1),
        lambda session: release_trapped(session, 1, "a.example/##: ", NOW),
        lambda session: source_health(session, NOW, source=1),
        ledger_counts,
        lambda session: last_captures(session, 1, 20),
    ],
    ids=[
        "due hosts",
        "due hosts, some sources closed",
        "is anything pending",
        "the due links of a host",
        "due hubs",
        "the price of readings",
        "the tally of looks",
        "daily_links",
        "what daily_links holds back",
        "the news that daily_links holds back",
        "what was given up at a host",
        "shapes of addresses",
        "traps",
        "what was trapped",
        "how a source fares",
        "the sums of the ledger",
        "the last captures of a source",
    ],
)
def test_no_question_scans(engine: Engine, session: Session, ask: Ask) -> None:
    fill(session)

    assert scans(engine, ask) == []


def test_with_many_due_links_hosts_are_asked_one_by_one(
    engine: Engine, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    fill(session)
    monkeypatch.setattr(visits, "_FEW", 5)

    assert scans(engine, lambda session: due_hosts(session, NOW, 16)) == []


def test_a_scan_is_found(engine: Engine) -> None:
    """The check itself: who asks for a column without an index is told on."""
    found = scans(
        engine, lambda session: session.execute(text("SELECT id FROM link WHERE url=1"))
    )

    assert found == ["SCAN link: SELECT id FROM link WHERE url=1"]
