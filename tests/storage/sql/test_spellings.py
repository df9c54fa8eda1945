"""One page under several spellings of its address."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from storage.model.link import NewLink
from storage.model.link_kind import LinkKind
from storage.model.takedown import Depth
from storage.spelling import plain_key
from storage.sql.articles import Kept, article_of_key
from storage.sql.bars import barred
from storage.sql.ledger import add_links, find_link, known_keys
from storage.sql.tables import LinkRow
from storage.sql.takedowns import Wanted, reach, take_down
from tests.storage.material import article

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
PLAIN, SPELLED = "news.example/~ann", "news.example/%7Eann"

Add = Callable[..., int]
Keep = Callable[..., Kept]


def add(session: Session, *keys: str) -> int:
    links = [
        NewLink(url=f"https://{key}", key=key, host="a.example", kind=LinkKind.ARTICLE)
        for key in keys
    ]
    return add_links(session, links, source=None, found_on=None, now=NOW).new


def keys(session: Session) -> list[str]:
    return list(session.exec(select(LinkRow.key).order_by(LinkRow.key)))


@pytest.mark.parametrize(
    ("key", "plain"),
    [
        ("a.example/%7E%41%2d%5F%2E%39", "a.example/~A-_.9"),
        ("a.example/%2F%3F%25%C3%A9", "a.example/%2F%3F%25%C3%A9"),
        ("a.example/%2541", "a.example/%2541"),
        ("a.example/?%62=1&a=2&a=1", "a.example/?a=2&a=1&b=1"),
        ("a.example/?b=1&a=2", "a.example/?b=1&a=2"),
    ],
    ids=["unreserved", "reserved", "escaped percent", "parameters", "as it is"],
)
def test_escapes_of_unreserved_characters_say_nothing(key: str, plain: str) -> None:
    assert plain_key(key) == plain


@pytest.mark.parametrize("found", [(PLAIN, SPELLED), (SPELLED, PLAIN)])
def test_two_spellings_are_one_link(session: Session, found: tuple[str, ...]) -> None:
    assert add(session, *found) == 1
    assert add(session, *reversed(found)) == 0
    assert keys(session) == [PLAIN]
    assert known_keys(session, found) == set(found)
    assert find_link(session, SPELLED) == find_link(session, PLAIN) is not None


def test_what_was_entered_under_another_spelling_stays_so(
    session: Session, add_link: Add
) -> None:
    link = add_link("~ann", key=SPELLED)

    assert add(session, SPELLED) == 0
    assert keys(session) == [SPELLED]
    found = find_link(session, SPELLED)
    assert found is not None
    assert found.id == link


def test_articles_under_two_spellings_are_one(
    session: Session, add_link: Add, keep: Keep
) -> None:
    told = article("Pier", "The pier opens.")
    first = keep(told, link_id=add_link("a"), key=SPELLED)
    second = keep(told, link_id=add_link("b"), key=PLAIN)

    assert second.article_id == first.article_id
    found = article_of_key(session, SPELLED)
    assert found is not None
    assert (found.id, found.key) == (first.article_id, PLAIN)


@pytest.mark.parametrize("stands", [PLAIN, SPELLED])
def test_what_is_barred_is_barred_as_it_was_spelled(
    session: Session, add_link: Add, stands: str
) -> None:
    add_link("~ann", key=stands)
    take_down(
        session, "one", Wanted(depth=Depth.EXCLUDE), reach(session, [SPELLED]), NOW
    )

    assert SPELLED in barred(session, [SPELLED])
    assert add(session, SPELLED) == 0
    assert keys(session) == [stands]
