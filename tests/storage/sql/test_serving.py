"""Which links are asked for again when their host serves articles again."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.sql.serving import note_served
from storage.sql.tables import HostRow, LinkRow
from tests.storage.material import NOON, add_capture, article

Add = Callable[..., int]

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
HOST = "news.example"
BACK = NOON + 40 * DAY
#: A link that was given up in the days without an article.
GIVEN_UP = {"state": LinkState.ERROR, "found_at": BACK - 5 * DAY, "failures": 12.0}


@pytest.fixture
def source(session: Session, add_source: Add) -> int:
    session.get_one(HostRow, HOST).served_at = BACK - 7 * DAY
    return add_source("town", state="active")


@pytest.mark.parametrize(
    ("fields", "is_due"),
    [
        ({}, True),
        ({"state": LinkState.ROBOTS}, True),
        ({"state": LinkState.NOT_ARTICLE}, False),
        ({"kind": LinkKind.ASSET}, False),
        ({"found_at": BACK - 9 * DAY}, False),
        ({"withheld": "excluded"}, False),
        ({"source_id": None}, False),
    ],
    ids=["error", "robots", "no article", "image", "before", "taken down", "by hand"],
)
def test_what_was_given_up_is_due(
    session: Session,
    add_link: Add,
    source: int,
    fields: dict[str, object],
    *,
    is_due: bool,
) -> None:
    link = add_link("a", **{"source_id": source, **GIVEN_UP, **fields})

    due = note_served(session, HOST, BACK)

    row = session.get_one(LinkRow, link, populate_existing=True)
    assert due == is_due
    assert (row.next_run, row.failures) == ((BACK, 0.0) if is_due else (None, 12.0))


def test_what_is_archived_is_looked_at_in_its_time(
    session: Session, add_link: Add, keep: Callable[..., object], source: int
) -> None:
    link = add_link("a", **{"source_id": source, **GIVEN_UP, "state": LinkState.GONE})
    capture = add_capture(session, offset=100, link_id=link)
    story = article("Fees rise", "The council voted on Monday to raise fees.")
    keep(story, link_id=link, source_id=source, capture_id=capture)

    assert note_served(session, HOST, BACK) == 0


def test_a_host_that_served_articles_lately_was_not_away(
    session: Session, add_link: Add, source: int
) -> None:
    add_link("a", **{"source_id": source, **GIVEN_UP})
    session.get_one(HostRow, HOST).served_at = BACK - HOUR

    assert note_served(session, HOST, BACK) == 0
    assert session.get_one(HostRow, HOST).served_at == BACK


def test_a_removed_or_paused_source_is_not_asked(
    session: Session, add_link: Add, add_source: Add, source: int
) -> None:
    paused = add_source("village", state="paused")
    add_link("a", **{"source_id": paused, **GIVEN_UP})
    add_link("b", **{"source_id": source, **GIVEN_UP})

    assert note_served(session, HOST, BACK) == 1
