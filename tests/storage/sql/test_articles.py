"""Versions kept in a real archive, and articles found again."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import Session, select

from storage.documents import read_document
from storage.model.change import Change
from storage.model.moment import Moment, Precision
from storage.sql.articles import (
    Kept,
    evidence_of,
    find_article,
    list_articles,
    mark_gone,
    version,
    versions_of,
)
from storage.sql.search import search
from storage.sql.tables import ArticleRow, VersionRow
from tests.storage.material import NOON, add_capture, article

Keep = Callable[..., Kept]
Add = Callable[..., int]

HOUR = timedelta(hours=1)
LATER = NOON + HOUR
TEXT = (
    "The council voted on Monday to raise parking fees across the old town.",
    "Residents had asked for a later start, because many of them work shifts.",
    "A review is planned for the spring, said the head of the traffic office.",
)
STORY = article("Fees rise", *TEXT, authors=("Ani",), language="en", site="News")
CORRECTED = article("Fees rise", TEXT[0].replace("Monday", "Tuesday"), *TEXT[1:])
STUB = article("Fees rise", TEXT[0])


@pytest.fixture
def link(add_link: Add) -> int:
    return add_link("1")


def row_of(session: Session, kept: Kept) -> ArticleRow:
    return session.get_one(ArticleRow, kept.article_id)


def test_the_first_version_makes_the_article(session: Session, keep: Keep) -> None:
    kept = keep(STORY)

    row = row_of(session, kept)
    assert (kept.number, kept.change, kept.owner) == (1, Change.FIRST, True)
    assert (row.title, row.authors, row.language, row.site, row.versions) == (
        "Fees rise",
        ["Ani"],
        "en",
        "News",
        1,
    )
    assert (row.first_seen, row.last_seen, row.state) == (NOON, NOON, "present")


def test_a_version_holds_the_whole_article(session: Session, keep: Keep) -> None:
    kept = keep(STORY)
    session.expire_all()

    found = version(session, kept.article_id, 1)

    assert found is not None
    assert read_document(found.document) == STORY
    assert (found.text, found.captured_at) == (STORY.text, NOON)


@pytest.mark.parametrize(
    ("again", "change"),
    [
        (STORY, Change.SAME),
        (article("FEES RISE!", *TEXT), Change.COSMETIC),
    ],
    ids=["same", "cosmetic"],
)
def test_an_unchanged_story_is_only_seen_again(
    session: Session, keep: Keep, link: int, again: object, change: Change
) -> None:
    first = keep(STORY, link_id=link)

    kept = keep(again, link_id=link, captured_at=LATER)

    row = row_of(session, first)
    assert (kept.number, kept.change) == (1, change)
    assert (row.title, row.versions, row.last_seen) == ("Fees rise", 1, LATER)


def test_a_changed_story_is_a_new_version(
    session: Session, keep: Keep, link: int
) -> None:
    first = keep(STORY, link_id=link)

    kept = keep(CORRECTED, link_id=link, captured_at=LATER)

    row = row_of(session, first)
    assert (kept.number, kept.change) == (2, Change.CORRECTION)
    assert (row.versions, row.authors, row.last_seen) == (2, [], LATER)
    assert [v.text for v in versions_of(session, kept.article_id)] == [
        STORY.text,
        CORRECTED.text,
    ]


def test_search_follows_the_newest_version(
    session: Session, keep: Keep, link: int
) -> None:
    keep(STORY, link_id=link)
    keep(CORRECTED, link_id=link, captured_at=LATER)

    assert [len(search(session, q)) for q in ("monday", "tuesday")] == [0, 1]


def test_anothers_key_is_a_duplicate_and_changes_nothing(
    session: Session, keep: Keep, link: int
) -> None:
    first = keep(STORY, key="k")

    kept = keep(CORRECTED, key="k", link_id=link, captured_at=LATER)

    assert kept == Kept(
        article_id=first.article_id,
        number=1,
        change=Change.SAME,
        alias_of=row_of(session, first).link_id,
    )
    assert row_of(session, first).last_seen == NOON
    assert len(versions_of(session, first.article_id)) == 1


def test_an_article_may_take_a_new_key(session: Session, keep: Keep, link: int) -> None:
    first = keep(STORY, key="old", link_id=link)

    kept = keep(STORY, key="new", link_id=link, captured_at=LATER)

    assert kept.article_id == first.article_id
    assert row_of(session, kept).key == "new"


def test_a_stub_is_a_version_that_replaces_nothing(
    session: Session, keep: Keep, link: int
) -> None:
    keep(STORY, link_id=link)

    kept = keep(STUB, link_id=link, captured_at=LATER)

    standing = version(session, kept.article_id, None)
    assert (kept.number, kept.change) == (2, Change.TRUNCATED)
    assert standing is not None
    assert standing.text == STORY.text
    assert row_of(session, kept).authors == ["Ani"]
    assert len(search(session, "review")) == 1


def test_alternating_stubs_make_no_flood_of_versions(keep: Keep, link: int) -> None:
    changes = [
        keep(story, link_id=link, captured_at=NOON + hour * HOUR)
        for hour, story in enumerate([STORY, STUB, STORY, STUB, STORY, STUB])
    ]

    assert [(kept.number, kept.change) for kept in changes] == [
        (1, Change.FIRST),
        (2, Change.TRUNCATED),
        (3, Change.RESTORED),
        (2, Change.TRUNCATED),
        (3, Change.SAME),
        (2, Change.TRUNCATED),
    ]


def test_an_older_capture_takes_its_place_in_time(
    session: Session, keep: Keep, link: int
) -> None:
    keep(CORRECTED, link_id=link)

    kept = keep(STORY, link_id=link, captured_at=NOON - HOUR)

    row = row_of(session, kept)
    assert [v.number for v in versions_of(session, kept.article_id)] == [2, 1]
    assert (row.first_seen, row.last_seen) == (NOON - HOUR, NOON)
    assert len(search(session, "tuesday")) == 1
    assert len(search(session, "monday")) == 0


def test_an_older_capture_of_the_same_story_makes_no_version(
    session: Session, keep: Keep, link: int
) -> None:
    keep(STORY, link_id=link)

    kept = keep(STORY, link_id=link, captured_at=NOON - HOUR)

    assert (kept.number, kept.change) == (1, Change.SAME)
    assert len(versions_of(session, kept.article_id)) == 1
    assert row_of(session, kept).first_seen == NOON - HOUR


def test_a_capture_read_anew_replaces_its_version(
    session: Session, keep: Keep, link: int
) -> None:
    capture = add_capture(session)
    keep(STORY, link_id=link, capture_id=capture)

    kept = keep(CORRECTED, link_id=link, capture_id=capture, extractor="2")

    (only,) = versions_of(session, kept.article_id)
    assert (kept.number, kept.change) == (1, Change.SAME)
    assert (only.text, only.extractor, only.change) == (CORRECTED.text, "2", "first")
    assert len(search(session, "tuesday")) == 1


def test_reading_anew_decides_the_change_again(
    session: Session, keep: Keep, link: int
) -> None:
    keep(STORY, link_id=link, capture_id=add_capture(session))
    second = add_capture(session, fetched_at=LATER)
    keep(CORRECTED, link_id=link, capture_id=second, captured_at=LATER)

    keep(STORY, link_id=link, capture_id=second, captured_at=LATER)

    changes = [v.change for v in session.exec(select(VersionRow))]
    assert changes == ["first", "same"]


def test_evidence_is_the_capture_of_a_version(session: Session, keep: Keep) -> None:
    capture = add_capture(session)
    kept = keep(STORY, capture_id=capture)
    found = version(session, kept.article_id, 1)

    assert found is not None
    evidence = evidence_of(session, found)
    assert evidence is not None
    assert evidence.id == capture


def test_a_version_without_a_capture_has_no_evidence(
    session: Session, keep: Keep
) -> None:
    found = version(session, keep(STORY).article_id, 1)

    assert found is not None
    assert evidence_of(session, found) is None


def test_a_gone_article_says_since_when(
    session: Session, keep: Keep, link: int
) -> None:
    kept = keep(STORY, link_id=link)

    assert mark_gone(session, link, LATER)

    row = row_of(session, kept)
    assert (row.state, row.gone_at, row.last_seen) == ("gone", LATER, NOON)


def test_an_article_goes_once(session: Session, keep: Keep, link: int) -> None:
    kept = keep(STORY, link_id=link)
    mark_gone(session, link, LATER)

    assert not mark_gone(session, link, LATER + HOUR)
    assert row_of(session, kept).gone_at == LATER


def test_a_link_without_an_article_cannot_go(session: Session, link: int) -> None:
    assert not mark_gone(session, link, NOON)


def test_an_article_comes_back(session: Session, keep: Keep, link: int) -> None:
    keep(STORY, link_id=link)
    mark_gone(session, link, LATER)

    kept = keep(STORY, link_id=link, captured_at=LATER + HOUR)

    row = row_of(session, kept)
    assert (row.state, row.gone_at) == ("present", None)


def test_an_old_capture_does_not_bring_an_article_back(
    session: Session, keep: Keep, link: int
) -> None:
    keep(STORY, link_id=link)
    mark_gone(session, link, LATER)

    kept = keep(STORY, link_id=link, captured_at=NOON + HOUR / 2)

    assert row_of(session, kept).state == "gone"


def moment(at: datetime) -> Moment:
    return Moment(at=at, precision=Precision.SECOND, zone_stated=True)


def test_published_is_kept_in_utc(session: Session, keep: Keep) -> None:
    jakarta = datetime.fromisoformat("2026-11-22T08:00:00+07:00")
    kept = keep(article("t", "x", published=moment(jakarta)))
    session.expire_all()

    published = row_of(session, kept).published_at

    assert published is not None
    assert published.isoformat() == "2026-11-22T01:00:00+00:00"


def test_a_date_outside_the_calendar_is_none(session: Session, keep: Keep) -> None:
    first = datetime.fromisoformat("0001-01-01T00:00:00+07:00")

    kept = keep(article("t", "x", published=moment(first)))

    assert row_of(session, kept).published_at is None


def test_text_that_no_database_holds_is_made_whole(
    session: Session, keep: Keep
) -> None:
    kept = keep(article("a\0b", "c\ud800d"))
    session.commit()

    found = version(session, kept.article_id, None)

    assert found is not None
    assert (found.title, found.text) == ("ab", "c\ufffdd")


def test_lists_are_newest_first_and_go_on(session: Session, keep: Keep) -> None:
    ids = [keep(article(f"t{n}", "x")).article_id for n in range(5)]

    first = list_articles(session, limit=2)
    second = list_articles(session, limit=9, before_id=first[-1].id)

    assert [item.id for item in [*first, *second]] == ids[::-1]


def test_lists_are_of_one_source_or_language(
    reader: Session, session: Session, keep: Keep, add_source: Add
) -> None:
    kabar = add_source("kabar")
    keep(article("a", "x", language="id"), source_id=kabar)
    keep(article("b", "x", language="en"), source_id=kabar)
    keep(article("c", "x", language="id"))
    session.commit()

    found = list_articles(reader, source="kabar", language="id")

    assert [(item.title, item.source) for item in found] == [("a", "kabar")]


@pytest.mark.parametrize(
    "reference",
    ["1", "key", "https://news.example/1", "https://news.example/amp"],
    ids=["id", "key", "URL", "link"],
)
def test_an_article_is_found_by_any_name(
    session: Session, keep: Keep, add_link: Add, reference: str
) -> None:
    keep(STORY, key="key", link_id=add_link("amp"))

    found = find_article(session, reference)

    assert found is not None
    assert found.title == STORY.title


@pytest.mark.parametrize("reference", ["2", "9" * 40, "", "https://x.example/"])
def test_an_unknown_article_is_none(
    session: Session, keep: Keep, reference: str
) -> None:
    keep(STORY)

    assert find_article(session, reference) is None


def test_an_unknown_version_is_none(session: Session, keep: Keep) -> None:
    kept = keep(STORY)

    assert version(session, kept.article_id, 2) is None
    assert version(session, kept.article_id + 1, None) is None


def test_times_come_back_aware(session: Session, keep: Keep) -> None:
    kept = keep(STORY)
    session.expire_all()

    assert row_of(session, kept).first_seen.tzinfo is UTC
