"""A version is replaced by a cleaner reading of its capture, and by nothing else."""

from collections.abc import Callable
from dataclasses import replace

import pytest
from sqlmodel import Session, select

from storage.model.article import Removed
from storage.sql.articles import Kept, versions_of
from storage.sql.keeping import clean_version, dirty_capture
from storage.sql.search import search
from storage.sql.tables import ArticleRow
from tests.storage.material import add_capture, article

TEXT = (
    "The council voted on Monday to raise parking fees across the old town.",
    "Residents had asked for a later start, because many of them work shifts.",
)
OFFER = "Try the paper for a month and pay only when you like what you read."
DIRTY = article("Fees rise", *TEXT, OFFER)
CLEAN = replace(
    article("Fees rise", *TEXT),
    removed=(Removed(text=OFFER, boilerplate="template", rule="r", index=3),),
)


@pytest.fixture
def capture(session: Session) -> int:
    return add_capture(session)


def test_a_cleaner_reading_takes_its_versions_place(
    session: Session, keep: Callable[..., Kept], capture: int
) -> None:
    kept = keep(DIRTY, capture_id=capture)

    assert clean_version(session, capture, CLEAN, "2")

    (version,) = versions_of(session, kept.article_id)
    assert (version.number, version.change, version.extractor) == (1, "first", "2")
    assert version.text == CLEAN.text
    assert not search(session, "month")
    assert search(session, "parking")


def test_a_reading_with_another_story_changes_nothing(
    session: Session, keep: Callable[..., Kept], capture: int
) -> None:
    kept = keep(DIRTY, capture_id=capture)
    other = replace(CLEAN, blocks=CLEAN.blocks[:1])

    assert not clean_version(session, capture, other, "2")
    assert versions_of(session, kept.article_id)[0].text == DIRTY.text


def test_a_capture_without_a_version_is_left_alone(
    session: Session, capture: int
) -> None:
    assert not clean_version(session, capture, CLEAN, "2")
    assert session.exec(select(ArticleRow)).all() == []


def test_the_capture_of_a_dirty_version_is_named(
    session: Session, keep: Callable[..., Kept], capture: int
) -> None:
    kept = keep(DIRTY, capture_id=capture)

    assert dirty_capture(session, kept.article_id, CLEAN) == capture
    assert dirty_capture(session, kept.article_id, DIRTY) is None
    assert clean_version(session, capture, CLEAN, "2")
    assert dirty_capture(session, kept.article_id, CLEAN) is None
