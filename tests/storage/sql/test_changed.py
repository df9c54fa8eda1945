"""What changed last, in a real archive."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.model.change import Change
from storage.sql import changed as module
from storage.sql.articles import Kept
from storage.sql.changed import (
    changed_articles,
    changed_matching,
    changed_of_source,
)
from storage.sql.tables import LinkRow
from tests.storage.material import NOON, article

Keep = Callable[..., Kept]
Add = Callable[..., int]
HOUR = timedelta(hours=1)
TEXT = "The council voted on Monday to raise parking fees across the old town."


@pytest.fixture
def links(keep: Keep, add_link: Add, add_source: Add) -> list[int]:
    """Three articles, of which the first changed last; the third is a source's."""
    source = add_source("town")
    made = [add_link(str(n)) for n in range(3)]
    for n, link in enumerate(made):
        keep(
            article(f"Fees {n}", TEXT),
            link_id=link,
            captured_at=NOON + n * HOUR,
            source_id=source if n == 2 else None,
        )
    later = article("Fees again", TEXT)
    keep(later, link_id=made[0], captured_at=NOON + 9 * HOUR)
    return made


def test_what_changed_last_comes_first(session: Session, links: list[int]) -> None:
    found = changed_articles(session, 9)

    assert [one.article.link_id for one in found] == [links[0], links[2], links[1]]
    assert [one.change for one in found] == [
        Change.HEADLINE,
        Change.FIRST,
        Change.FIRST,
    ]
    assert (found[0].number, found[0].at) == (2, NOON + 9 * HOUR)
    assert len(changed_articles(session, 1)) == 1


def test_changes_of_some_kinds_are_found_alone(
    session: Session, links: list[int], keep: Keep
) -> None:
    keep(article("Fees last", TEXT), link_id=links[2], captured_at=NOON + 5 * HOUR)
    only = {Change.HEADLINE}

    changed = changed_articles(session, 9, only)
    of_source = changed_of_source(session, 1, 9, only)
    matching = changed_matching(session, "again", 9, only)

    assert [one.article.link_id for one in changed] == [links[0], links[2]]
    assert [one.article.link_id for one in of_source] == [links[2]]
    assert [one.article.link_id for one in matching] == [links[0]]
    assert changed_articles(session, 9, {Change.REWRITE}) == []


def test_a_stub_changes_nothing(session: Session, links: list[int], keep: Keep) -> None:
    long = article("Long", *[f"{TEXT} {n}" for n in range(9)])
    keep(long, link_id=links[1], captured_at=NOON + 10 * HOUR)
    keep(article("Long", TEXT), link_id=links[1], captured_at=NOON + 11 * HOUR)

    first = changed_articles(session, 9)[0]

    assert (first.article.link_id, first.at) == (links[1], NOON + 10 * HOUR)


def test_a_source_has_its_own(session: Session, links: list[int]) -> None:
    (found,) = changed_of_source(session, 1, 9)

    assert found.article.link_id == links[2]


def test_a_search_finds_what_is_new_and_what_changed(
    session: Session, links: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "LAST", 2)

    (newest,) = changed_matching(session, "fees", 1)
    all_of_them = changed_matching(session, "fees", 9)

    assert newest.article.link_id == links[0]  # not the newest, but changed since
    assert len(all_of_them) == 3
    assert changed_matching(session, "nothing", 9) == []


def test_what_is_withheld_is_not_there(session: Session, links: list[int]) -> None:
    session.get_one(LinkRow, links[0]).withheld = "hide"
    session.flush()

    assert len(changed_articles(session, 9)) == 2
    assert len(changed_matching(session, "fees", 9)) == 2
