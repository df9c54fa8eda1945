"""Events in a real archive: listed by type, trimmed, and never numbered twice."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.sql.events import (
    Untaken,
    add_event,
    due_events,
    list_events,
    note_failed,
    note_sent,
    trim_events,
    untaken,
)
from storage.sql.tables import LinkRow
from tests.storage.material import NOON

DAY = timedelta(days=1)


def fill(session: Session, *kinds: str) -> None:
    for days, kind in enumerate(kinds):
        add_event(session, kind, {"n": days}, NOON + days * DAY, send_at=NOON)


@pytest.mark.parametrize(
    ("types", "found"),
    [
        ((), [1, 2, 3]),
        (("article.*",), [1, 3]),
        (("article.new", "source.*"), [1, 2]),
        (("*.degraded",), [2]),
        (("article",), []),
        (("article_*",), []),
    ],
)
def test_events_are_asked_for_by_type(
    session: Session, types: tuple[str, ...], found: list[int]
) -> None:
    fill(session, "article.new", "source.degraded", "article.gone")

    listed = list_events(session, after=0, limit=9, types=types)

    assert [one.id for one in listed] == found


def test_what_was_sent_in_vain_is_counted(session: Session) -> None:
    fill(session, *["source.degraded"] * 4)
    note_failed(session, 1, "HTTP 410", None)
    note_failed(session, 2, "HTTP 500", NOON + DAY)
    note_failed(session, 3, "HTTP 502", NOON + DAY)
    note_sent(session, 3, NOON)

    assert untaken(session) == Untaken(
        failing=1, since=NOON + DAY, given_up=1, why="HTTP 500"
    )


def test_what_is_past_its_time_goes_some_at_a_time(session: Session) -> None:
    fill(session, *["article.new"] * 5)

    assert trim_events(session, NOON + 3 * DAY, 2) == 2
    assert trim_events(session, NOON + 3 * DAY, 2) == 1
    assert trim_events(session, NOON + 3 * DAY, 2) == 0
    assert [one.id for one in list_events(session, after=0, limit=9)] == [4, 5]


def test_the_newest_stays_so_that_no_number_comes_again(session: Session) -> None:
    fill(session, "article.new", "article.new")

    trim_events(session, NOON + 99 * DAY, 9)
    fill(session, "article.new")

    assert [one.id for one in list_events(session, after=0, limit=9)] == [2, 3]


def test_what_is_about_a_withheld_article_is_neither_listed_nor_sent(
    session: Session, add_link: Callable[..., int]
) -> None:
    link = add_link("1")
    add_event(session, "article.new", {}, NOON, send_at=NOON, link_id=link)
    assert len(due_events(session, NOON, 9)) == 1

    session.get_one(LinkRow, link).withheld = "hide"
    session.flush()

    assert list_events(session, after=0, limit=9) == []
    assert due_events(session, NOON, 9) == []
