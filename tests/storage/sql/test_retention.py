"""Which captures are past their time, and needed by nothing."""

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from sqlmodel import Session

from storage.sql.articles import Kept
from storage.sql.retention import Cutoff, outlived
from storage.sql.tables import CaptureRow
from tests.storage.material import NOON, add_capture, article

Add = Callable[..., int]
DAY = timedelta(days=1)
NEW = NOON + 100 * DAY


@pytest.fixture
def source(add_source: Add) -> int:
    return add_source("news")


@pytest.fixture
def feed(add_link: Add, source: int) -> int:
    return add_link("feed", kind="feed", state="watched", source_id=source)


def gone(
    session: Session, source: int, *, lists: datetime | None, looks: datetime | None
) -> list[int]:
    cutoff = Cutoff(source=source, lists=lists, looks=looks)
    return [row.id or 0 for row in outlived(session, [cutoff], 2)]


def kept(session: Session, link: int, at: datetime, **changes: object) -> int:
    return add_capture(session, link_id=link, fetched_at=at, extracted_at=at, **changes)


def test_old_captures_of_lists_go_but_the_newest(
    session: Session, source: int, feed: int
) -> None:
    old = [kept(session, feed, NOON + n * DAY) for n in range(2)]
    kept(session, feed, NOON + 2 * DAY)

    assert gone(session, source, lists=NEW, looks=None) == old
    assert gone(session, source, lists=NOON, looks=NEW) == []


def test_what_is_repeated_stays_as_long_as_what_repeats_it(
    session: Session, source: int, feed: int
) -> None:
    first = kept(session, feed, NOON)
    kept(session, feed, NEW, revisit_of=first)
    kept(session, feed, NEW + DAY)

    assert gone(session, source, lists=NEW, looks=None) == []


def test_what_is_repeated_goes_with_all_that_repeat_it(
    session: Session, source: int, feed: int
) -> None:
    first = kept(session, feed, NOON)
    others = [kept(session, feed, NOON, revisit_of=first) for _ in range(4)]
    kept(session, feed, NEW)

    assert gone(session, source, lists=NEW, looks=None) == [first, *others]


def test_what_a_version_rests_on_or_was_not_read_stays(
    session: Session, source: int, add_link: Add, keep: Callable[..., Kept]
) -> None:
    link = add_link("pier", source_id=source)
    first, part, page = (kept(session, link, NOON) for _ in range(3))
    look = kept(session, link, NOON)
    add_capture(session, link_id=link, fetched_at=NOON)
    kept(session, link, NOON, rendered_from=page)
    keep(article("Pier", "It opens."), link_id=link, capture_id=first, parts=[part])

    assert gone(session, source, lists=None, looks=NEW) == [look]


def test_other_sources_keep_theirs(
    session: Session, source: int, feed: int, add_source: Add
) -> None:
    first = kept(session, feed, NOON)
    kept(session, feed, NOON)

    assert gone(session, add_source("other"), lists=NEW, looks=NEW) == []
    assert outlived(session, [], 10) == []
    assert session.get(CaptureRow, first) is not None
    assert source
