"""New readings take the place of versions in one stroke, and go again."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlmodel import Session, select

from storage.documents import article_document, document_sha256
from storage.errors import WrongRun
from storage.model.article import Article
from storage.sql.articles import Kept, versions_of
from storage.sql.reextraction import (
    NewReading,
    Within,
    captured_versions,
    promote,
    promoted_runs,
    roll_back,
)
from storage.sql.search import search
from storage.sql.tables import ArticleRow, VersionRow
from tests.storage.material import NOON, add_capture, article

Keep = Callable[..., Kept]

RUN, OTHER = "20261122T120000Z", "20261122T130000Z"
LATER = NOON + timedelta(hours=1)
TEXT = (
    "The council voted on Monday to raise parking fees across the old town.",
    "Residents had asked for a later start, because many of them work shifts.",
)
OFFER = "Try the paper for a month and pay only when you like what you read."
DIRTY = article("Fees rise", *TEXT, OFFER, authors=("Staff",))
CLEAN = article("Fees rise", *TEXT, authors=("Ani",))
TAILORED = article("Fees rise", TEXT[0].replace("Monday", "Friday"), TEXT[1], OFFER)
TAILORED_CLEAN = article("Fees rise", TEXT[0].replace("Monday", "Friday"), TEXT[1])


def rows(session: Session) -> list[dict[str, Any]]:
    """All that the archive says of articles and their versions."""
    session.flush()
    articles = session.exec(select(ArticleRow).order_by(ArticleRow.id))
    versions = session.exec(select(VersionRow).order_by(VersionRow.id))
    return [row.model_dump() for row in (*articles, *versions)]


def reading_of(session: Session, kept: Kept, number: int, new: Article) -> NewReading:
    old = next(v for v in versions_of(session, kept.article_id) if v.number == number)
    return NewReading(
        version_id=old.id or 0,
        was_sha256=document_sha256(old.document),
        document=article_document(new),
        extractor="2",
    )


def test_a_promoted_reading_is_the_version_and_is_found(
    session: Session, keep: Keep
) -> None:
    kept = keep(DIRTY)

    done = promote(session, RUN, [reading_of(session, kept, 1, CLEAN)], NOON)

    (version,) = versions_of(session, kept.article_id)
    assert (done.articles, done.versions, done.left) == (1, 1, 0)
    assert (version.text, version.extractor, version.change) == (
        CLEAN.text,
        "2",
        "first",
    )
    assert session.get_one(ArticleRow, kept.article_id).authors == ["Ani"]
    assert not search(session, "month")


def test_how_versions_changed_is_decided_again(session: Session, keep: Keep) -> None:
    kept = keep(CLEAN)
    keep(
        article("Fees rise", *TEXT, OFFER + " It costs less than a cup of tea a day."),
        link_id=session.get_one(ArticleRow, kept.article_id).link_id,
        captured_at=LATER,
    )
    before = [v.change for v in versions_of(session, kept.article_id)]

    promote(session, RUN, [reading_of(session, kept, 2, CLEAN)], NOON)

    after = [v.change for v in versions_of(session, kept.article_id)]
    assert (before, after) == (["first", "rewrite"], ["first", "same"])


def test_a_rollback_restores_every_row(session: Session, keep: Keep) -> None:
    kept = keep(DIRTY)
    link = session.get_one(ArticleRow, kept.article_id).link_id
    keep(TAILORED, link_id=link, captured_at=LATER)
    before = rows(session)
    new = [
        reading_of(session, kept, 1, CLEAN),
        reading_of(session, kept, 2, TAILORED_CLEAN),
    ]
    promote(session, RUN, new, NOON)
    assert rows(session) != before

    done = roll_back(session, RUN, LATER)

    assert (done.articles, done.versions, done.left) == (1, 2, 0)
    assert rows(session) == before
    assert search(session, "month")


def test_a_version_that_changed_meanwhile_is_left(session: Session, keep: Keep) -> None:
    kept = keep(DIRTY)
    stale = reading_of(session, kept, 1, CLEAN)
    promote(session, OTHER, [reading_of(session, kept, 1, TAILORED)], NOON)

    done = promote(session, RUN, [stale], LATER)

    assert (done.versions, done.left) == (0, 1)
    assert versions_of(session, kept.article_id)[0].text == TAILORED.text


def test_what_was_read_anew_since_is_not_rolled_back(
    session: Session, keep: Keep
) -> None:
    kept = keep(DIRTY)
    promote(session, RUN, [reading_of(session, kept, 1, CLEAN)], NOON)
    (version,) = versions_of(session, kept.article_id)
    version.document = article_document(TAILORED)

    done = roll_back(session, RUN, LATER)

    assert (done.versions, done.left) == (0, 1)
    assert version.document == article_document(TAILORED)


def test_a_run_is_promoted_once(session: Session, keep: Keep) -> None:
    reading = reading_of(session, keep(DIRTY), 1, CLEAN)
    promote(session, RUN, [reading], NOON)

    with pytest.raises(WrongRun, match="stands promoted since 2026-11-22 12:00"):
        promote(session, RUN, [reading], LATER)


def test_a_run_that_was_rolled_back_can_be_promoted_again(
    session: Session, keep: Keep
) -> None:
    reading = reading_of(session, keep(DIRTY), 1, CLEAN)
    promote(session, RUN, [reading], NOON)
    roll_back(session, RUN, NOON)

    done = promote(session, RUN, [reading], LATER)

    assert done.versions == 1
    assert promoted_runs(session)[RUN].rolled_back_at is None


def test_what_does_not_stand_promoted_is_not_rolled_back(session: Session) -> None:
    with pytest.raises(WrongRun, match="does not stand promoted"):
        roll_back(session, RUN, NOON)


def test_runs_are_rolled_back_in_the_reverse_order(
    session: Session, keep: Keep
) -> None:
    kept = keep(DIRTY)
    before = rows(session)
    promote(session, RUN, [reading_of(session, kept, 1, CLEAN)], NOON)
    promote(session, OTHER, [reading_of(session, kept, 1, TAILORED)], LATER)

    with pytest.raises(WrongRun, match=f"{OTHER} was promoted over {RUN}"):
        roll_back(session, RUN, LATER)

    roll_back(session, OTHER, LATER)
    roll_back(session, RUN, LATER)
    assert rows(session) == before


@pytest.mark.parametrize(
    ("within", "found"),
    [
        (Within(), [1, 2, 3]),
        (Within(source="a"), [1]),
        (Within(since=LATER), [3]),
        (Within(until=LATER), [1, 2]),
    ],
    ids=["all", "of a source", "since", "until"],
)
def test_versions_are_chosen_by_source_and_day(
    session: Session,
    keep: Keep,
    add_source: Callable[..., int],
    within: Within,
    found: list[int],
) -> None:
    capture = add_capture(session)
    keep(DIRTY, source_id=add_source("a"), capture_id=capture)
    keep(article("Rain", "It rains."), source_id=add_source("b"), capture_id=capture)
    keep(article("Snow", "It snows."), capture_id=capture, captured_at=LATER)
    keep(article("Hail", "It hails."))  # without a capture

    ids = list(session.exec(select(VersionRow.id).order_by(VersionRow.id)))
    chosen = [ids[number - 1] for number in found]
    assert captured_versions(session, within, after=0, limit=9) == chosen
    assert captured_versions(session, within, after=ids[0], limit=9) == [
        version for version in chosen if version > ids[0]
    ]
