"""Copies of articles: linked in clusters, never dropped."""

from collections.abc import Callable
from datetime import timedelta
from itertools import count

import pytest
from sqlalchemy import delete
from sqlmodel import Session, col, select, update

from storage.model.takedown import Depth
from storage.neardup import is_copy
from storage.sql.articles import Kept
from storage.sql.copies import (
    MOST_OF_A_BAND,
    copies_of,
    forget_copies,
    place_among_copies,
    unplaced,
)
from storage.sql.tables import ArticleRow, BandRow, FingerprintRow, LinkRow
from tests.storage.material import NOON, article
from tests.storage.test_neardup import edited, of, story

Keep = Callable[..., Kept]


@pytest.fixture
def put(keep: Keep) -> Callable[..., int]:
    """Keep an article of these words under an address of its own."""
    numbers = count(1)

    def put(words: list[str], at: int = 0) -> int:
        title = f"Story {next(numbers)}"
        seen = NOON + timedelta(hours=at)
        return keep(article(title, " ".join(words)), captured_at=seen).article_id

    return put


def ids(session: Session, article_id: int) -> list[int]:
    return [summary.id for summary, _ in copies_of(session, article_id)]


def test_copies_are_found_whichever_is_asked_for(
    session: Session, put: Callable[..., int]
) -> None:
    """A story and its copy are one cluster, the first seen first; another is alone."""
    words = story(1)
    late, other, early = put(words, at=5), put(story(2)), put(edited(words, 0.03), at=1)

    assert ids(session, late) == ids(session, early) == [early, late]
    assert ids(session, other) == []


def test_a_chain_of_small_changes_is_not_one_story(
    session: Session, put: Callable[..., int]
) -> None:
    """What is like a copy, but not like the cluster's anchor, stays out."""
    near = edited(story(1), 0.07, seed=1)
    farther = edited(near, 0.1, seed=2)
    first, second, third = put(story(1)), put(near), put(farther)

    assert is_copy(of(near), of(farther))
    assert ids(session, first) == [first, second]
    assert ids(session, third) == []


def test_a_text_that_changes_leaves_its_copies(
    session: Session, put: Callable[..., int]
) -> None:
    """The others stay together, also when it was the one they were compared with."""
    words = story(1)
    first, second, third = put(words), put(words), put(edited(words, 0.02))

    place_among_copies(session, first, " ".join(story(9)))

    assert ids(session, first) == []
    assert ids(session, second) == [second, third]


def test_a_small_change_leaves_the_cluster_as_it_is(
    session: Session, put: Callable[..., int]
) -> None:
    """A correction of a copy, or of the first, keeps them linked."""
    words = story(1)
    first, second = put(words), put(words)

    place_among_copies(session, first, " ".join(edited(words, 0.03)))

    assert ids(session, second) == [first, second]


def test_an_article_is_forgotten_without_a_trace(
    session: Session, put: Callable[..., int]
) -> None:
    """No band of it stays, and its copies stay linked."""
    words = story(1)
    first, second, third = put(words), put(words), put(words)

    forget_copies(session, first)

    assert ids(session, third) == [second, third]
    bands = select(BandRow).where(BandRow.article_id == first)
    assert session.exec(bands).all() == []
    assert session.get(FingerprintRow, first) is None


def test_the_last_of_a_cluster_is_alone_again(
    session: Session, put: Callable[..., int]
) -> None:
    """Of two copies that which stays is nobody's copy, and a new one links to it."""
    words = story(1)
    first, second = put(words), put(words)

    forget_copies(session, first)
    third = put(words, at=1)

    assert ids(session, second) == [second, third]


def test_what_was_taken_down_is_no_copy_to_be_shown(
    session: Session, put: Callable[..., int]
) -> None:
    """A withheld copy is not listed with the others."""
    words = story(1)
    first, second, third = put(words), put(words), put(words)
    hidden = session.get_one(ArticleRow, second).link_id
    session.exec(
        update(LinkRow).where(col(LinkRow.id) == hidden).values(withheld=Depth.HIDE)
    )

    assert ids(session, first) == [first, third]


def test_a_text_that_many_share_is_looked_up_in_few(
    session: Session, put: Callable[..., int]
) -> None:
    """Beyond the bound of a band copies are still found, by the newest of it."""
    words = story(1)
    many = [put(words) for _ in range(MOST_OF_A_BAND + 3)]

    assert len(ids(session, many[-1])) == len(many)


def test_articles_of_before_are_found_and_placed(
    session: Session, put: Callable[..., int]
) -> None:
    """An archive of an earlier Kliping is gone through in the order of ids."""
    words = story(1)
    first, second, short = put(words), put(words), put(words[:20])
    session.exec(delete(FingerprintRow))
    session.exec(delete(BandRow))
    session.expire_all()

    found = unplaced(session, after=0, limit=2)
    rest = unplaced(session, after=found[-1][0], limit=2)
    for article_id, text in [*found, *rest]:
        place_among_copies(session, article_id, text)

    assert [article_id for article_id, _ in found] == [first, second]
    assert [article_id for article_id, _ in rest] == [short]
    assert unplaced(session, after=0, limit=9) == []
    assert ids(session, first) == [first, second]
