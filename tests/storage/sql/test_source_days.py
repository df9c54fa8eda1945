"""What sources brought each day, counted from rows."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.source_day import SourceDay, length_step
from storage.sql import source_days
from storage.sql.articles import Kept
from storage.sql.captures import mark_read
from storage.sql.source_days import add_counts, count_news, days_since
from tests.storage.material import NOON, add_capture, article

Add = Callable[..., int]
Keep = Callable[..., Kept]
LONG_AGO = NOON - timedelta(days=99)
TODAY = NOON.date()


def count(session: Session) -> dict[int, list[SourceDay]]:
    while batch := count_news(session, LONG_AGO, NOON):
        add_counts(session, batch)
    return days_since(session, TODAY - timedelta(days=99))


@pytest.fixture
def town(add_source: Add) -> int:
    return add_source("town")


def test_links_that_lists_named_are_found(
    session: Session, town: int, add_link: Add
) -> None:
    add_link("1", source_id=town)
    add_link("2", source_id=town, found_at=NOON - timedelta(days=1))
    add_link("3", source_id=town, state=LinkState.TOO_OLD)
    add_link("4", source_id=town, kind=LinkKind.FEED)
    add_link("5")

    found = count(session)

    assert [(one.day, one.found) for one in found[town]] == [
        (TODAY - timedelta(days=1), 1),
        (TODAY, 1),
    ]


@pytest.mark.parametrize(
    ("status", "verdict", "what"),
    [
        (200, "article", "read"),
        (200, "teaser", "read"),
        (200, "bot_wall", "walls"),
        (200, "consent", "walls"),
        (403, None, "walls"),
        (429, None, "walls"),
        (200, "soft_404", "missing"),
        (404, None, "missing"),
        (410, None, "missing"),
        (500, None, "broken"),
        (200, "error", "broken"),
        (200, "hub", None),
    ],
)
def test_an_answer_counts_as_what_it_is(
    session: Session,
    town: int,
    add_link: Add,
    status: int,
    verdict: str | None,
    what: str | None,
) -> None:
    link = add_link("1", source_id=town)
    add_capture(
        session, link_id=link, status=status, verdict=verdict, extracted_at=NOON
    )

    (day,) = count(session)[town]

    assert day.asked == 1
    counts = {
        name: getattr(day, name) for name in ("read", "walls", "missing", "broken")
    }
    assert counts == dict.fromkeys(counts, 0) | ({what: 1} if what else {})


@pytest.mark.parametrize(
    "changed",
    [
        {"status": 304},
        {"status": 301},
        {"imported_from": "old.warc.gz"},
    ],
)
def test_what_says_nothing_of_a_page_is_not_counted(
    session: Session, town: int, add_link: Add, changed: dict[str, object]
) -> None:
    link = add_link("1", source_id=town)
    add_capture(session, link_id=link, extracted_at=NOON, **changed)

    assert count(session)[town][0].asked == 0


def test_a_capture_that_is_still_to_be_read_holds_up_those_behind_it(
    session: Session, town: int, add_link: Add
) -> None:
    link = add_link("1", source_id=town)
    unread = add_capture(session, link_id=link, extracted_at=None)
    add_capture(session, link_id=link, status=404, extracted_at=NOON)
    before = count(session)[town][0].asked

    mark_read(session, unread, NOON, verdict=None, evidence=("x",))

    assert (before, count(session)[town][0].asked) == (0, 2)


def test_a_capture_that_was_left_unread_is_passed_over(
    session: Session, town: int, add_link: Add
) -> None:
    """As one that was received while its page was taken down."""
    link = add_link("1", source_id=town)
    then = NOON - timedelta(hours=7)
    add_capture(session, link_id=link, extracted_at=None, fetched_at=then)
    add_capture(session, link_id=link, status=404, extracted_at=NOON)

    (day,) = count(session)[town]

    assert (day.asked, day.missing) == (1, 1)


def test_articles_are_counted_with_what_they_have(
    session: Session, town: int, add_link: Add, keep: Keep
) -> None:
    link = add_link("1", source_id=town)
    story = article("Pier", "The pier opens.", authors=("Ada",))
    keep(story, link_id=link, source_id=town, captured_at=NOON)
    keep(
        article("Pier", "The pier does not open after all, says the mayor."),
        link_id=link,
        source_id=town,
        captured_at=NOON + timedelta(hours=1),
    )

    (day,) = count(session)[town]

    assert (day.new, day.changed) == (1, 1)
    assert day.hours[NOON.hour] == 1
    assert day.fields["authors"] == 1
    assert "section" not in day.fields
    assert day.lengths == {length_step(15): 1}
    assert day.kept == 15


def test_what_somebody_asked_for_is_no_news(
    session: Session, town: int, add_link: Add, keep: Keep
) -> None:
    asked = add_link("asked", source_id=town, ways=Way.HAND)
    keep(article("Flood", "The river rose."), source_id=town, link_id=asked)

    (day,) = count(session).get(town, [SourceDay(day=TODAY)])

    assert (day.found, day.new) == (0, 0)


def test_nothing_is_counted_twice(session: Session, town: int, add_link: Add) -> None:
    add_link("1", source_id=town)
    count(session)
    add_link("2", source_id=town)

    assert count(session)[town][0].found == 2
    assert count_news(session, LONG_AGO, NOON) is None


def test_what_another_has_counted_meanwhile_is_not_added(
    session: Session, town: int, add_link: Add
) -> None:
    add_link("1", source_id=town)
    batch = count_news(session, LONG_AGO, NOON)
    assert batch is not None
    add_counts(session, batch)
    add_counts(session, batch)

    assert days_since(session, TODAY)[town][0].found == 1


def test_what_another_has_counted_in_part_is_counted_by_the_next(
    session: Session, town: int, add_link: Add
) -> None:
    link = add_link("1", source_id=town)
    early = count_news(session, LONG_AGO, NOON)
    add_capture(session, link_id=link, status=404, extracted_at=NOON)
    count(session)
    add_link("2", source_id=town)
    assert early is not None
    late = replace(early, since={"link": link}, upto={"link": link + 1, "capture": 1})
    add_counts(session, late)

    assert count(session)[town][0].found == 2


def test_what_is_older_is_passed_over(
    session: Session, town: int, add_link: Add
) -> None:
    add_link("1", source_id=town, found_at=LONG_AGO - timedelta(days=1))

    assert count(session) == {}


def test_near_copies_within_a_source_are_counted(
    session: Session, town: int, add_link: Add, keep: Keep
) -> None:
    words = " ".join(f"word{n}" for n in range(200))
    for number in range(3):
        link = add_link(str(number), source_id=town)
        keep(article("Wall", words), link_id=link, source_id=town, captured_at=NOON)

    assert count(session)[town][0].same == 2


def test_a_batch_says_whether_there_may_be_more(
    session: Session,
    town: int,
    add_link: Add,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Else rows that come while others are counted would keep the counting going."""
    add_link("1", source_id=town)
    few = count_news(session, LONG_AGO, NOON)
    monkeypatch.setattr(source_days, "_AT_ONCE", 1)
    full = count_news(session, LONG_AGO, NOON)

    assert few is not None
    assert full is not None
    assert (few.is_full, full.is_full) == (False, True)
