"""Articles handed over to another link, on each database."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlmodel import Session, select

from storage.documents import article_document, document_sha256
from storage.model.change import Change
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind, Way
from storage.model.link_state import LinkState
from storage.notes.catching_up import note_article
from storage.sql.articles import Kept, find_article
from storage.sql.ledger import add_links, find_link
from storage.sql.moves import ask_duplicates, may_go_on
from storage.sql.reextraction import NewReading, promote
from storage.sql.tables import ArticleRow, LinkRow, VersionRow
from tests.storage.material import NOON, add_capture, article

Keep = Callable[..., Kept]
Add = Callable[..., int]

HOUR = timedelta(hours=1)
TEXT = "The council voted on Monday to raise parking fees across the old town."
STORY = article("Fees rise", TEXT)
ELSEWHERE = article("Fees rise", TEXT, url="https://news.example/new")


@pytest.fixture
def source(add_source: Add) -> int:
    return add_source("town", state="active")


@pytest.fixture
def old(add_link: Add, source: int) -> int:
    return add_link("old", source_id=source, guid="7", state="archived")


@pytest.fixture
def first(keep: Keep, session: Session, old: int, source: int) -> Kept:
    capture = add_capture(session, offset=100, link_id=old)
    return keep(STORY, link_id=old, source_id=source, capture_id=capture)


@pytest.mark.parametrize(
    ("path", "fields", "may"),
    [
        ("new", {"guid": "7"}, True),
        ("old/", {}, True),
        ("new", {"guid": "8"}, False),
        ("new", {}, False),
        ("new", {"guid": "7", "source_id": None}, False),
    ],
    ids=["its guid", "a slash", "another guid", "nothing", "of no source"],
)
def test_a_new_address_is_known_by_what_names_both(
    session: Session,
    add_link: Add,
    first: Kept,
    source: int,
    path: str,
    fields: dict[str, object],
    *,
    may: bool,
) -> None:
    new = add_link(path, **{"source_id": source, **fields})

    found = [row.id for row in may_go_on(session, new)]

    assert found == ([first.article_id] if may else [])


def test_a_link_that_leads_there_is_one(
    session: Session, add_link: Add, first: Kept, old: int, source: int
) -> None:
    new = add_link("new", source_id=source)
    session.get_one(LinkRow, old).alias_of = new

    assert [row.id for row in may_go_on(session, new)] == [first.article_id]


def test_what_was_taken_down_goes_on_nowhere(
    session: Session, add_link: Add, first: Kept, old: int, source: int
) -> None:
    assert first.is_new
    session.get_one(LinkRow, old).withheld = "hide"

    assert may_go_on(session, add_link("new", source_id=source, guid="7")) == []


@pytest.fixture
def new(add_link: Add, source: int) -> int:
    return add_link("new", source_id=source, guid="7")


@pytest.fixture
def moved(keep: Keep, session: Session, first: Kept, new: int, source: int) -> Kept:
    return keep(
        ELSEWHERE,
        link_id=new,
        source_id=source,
        capture_id=add_capture(session, offset=200, link_id=new),
        captured_at=NOON + HOUR,
        goes_on=first.article_id,
    )


def test_the_same_story_at_another_address_is_a_version(
    session: Session, first: Kept, moved: Kept, old: int, new: int
) -> None:
    row = session.get_one(ArticleRow, first.article_id)
    assert moved == Kept(
        article_id=first.article_id, number=2, change=Change.MOVED, is_new=True
    )
    assert (row.link_id, row.first_link, row.versions) == (new, old, 2)
    assert row.url == ELSEWHERE.url
    session.refresh(session.get_one(LinkRow, old))
    assert session.get_one(LinkRow, old).alias_of == new
    assert find_article(session, "https://news.example/old") == row


def test_that_it_moved_outlives_a_reading_anew(session: Session, moved: Kept) -> None:
    (second,) = session.exec(select(VersionRow).where(VersionRow.number == 2)).all()
    document = article_document(ELSEWHERE) | {"section": "Town"}
    reading = NewReading(
        version_id=second.id or 0,
        was_sha256=document_sha256(second.document),
        document=document,
        extractor="2",
    )

    promote(session, "run", [reading], NOON)

    assert (second.change, second.document["section"]) == (moved.change, "Town")


def test_what_the_old_address_says_later_makes_nothing(
    session: Session, keep: Keep, moved: Kept, old: int, new: int
) -> None:
    kept = keep(
        article("Fees rise", TEXT.replace("Monday", "Friday")),
        link_id=old,
        capture_id=add_capture(session, offset=300, link_id=old),
        captured_at=NOON + 2 * HOUR,
    )

    assert (kept.alias_of, kept.article_id, kept.is_new) == (
        new,
        moved.article_id,
        False,
    )


def test_what_it_said_before_has_its_place_in_time(
    session: Session, keep: Keep, moved: Kept, old: int, new: int
) -> None:
    kept = keep(
        article("Fees rise", TEXT.replace("Monday", "Friday")),
        link_id=old,
        capture_id=add_capture(session, offset=300, link_id=old),
        captured_at=NOON + HOUR / 2,
    )

    row = session.get_one(ArticleRow, moved.article_id)
    assert (kept.alias_of, kept.number, kept.change) == (new, 3, Change.CORRECTION)
    assert (row.key, row.url) == (f"key {new}", ELSEWHERE.url)


def test_another_that_leads_to_the_old_address_leads_on(
    keep: Keep, moved: Kept, add_link: Add, session: Session, old: int, new: int
) -> None:
    """Its canonical URL is the old one."""
    copy = add_link("amp/old")

    kept = keep(STORY, link_id=copy, key=session.get_one(LinkRow, old).key)

    assert (kept.article_id, kept.alias_of) == (moved.article_id, new)


def found(path: str, guid: str | None) -> NewLink:
    url = f"https://news.example/{path}"
    kind = LinkKind.ARTICLE
    return NewLink(url=url, key=url, host="news.example", kind=kind, guid=guid)


def guids(session: Session, source: int, *links: NewLink) -> list[str | None]:
    """Return the GUIDs of links once a feed named them."""
    add_links(session, links, source=source, found_on=None, now=NOON, way=Way.FEED)
    session.expire_all()
    rows = [find_link(session, link.key) for link in links]
    return [row.guid if row else None for row in rows]


def test_a_feed_gives_links_their_guids(
    session: Session, source: int, add_link: Add
) -> None:
    add_link("1", source_id=source)
    add_link("2", source_id=source, guid="b")

    links = (found("1", "a"), found("2", None), found("3", "c"))

    assert guids(session, source, *links) == ["a", "b", "c"]


def test_a_guid_stays_with_an_address_that_is_listed_still(
    session: Session, source: int, old: int
) -> None:
    assert old
    listed, news = found("old", None), found("new", "7")

    assert guids(session, source, listed, news) == ["7", None]
    assert guids(session, source, news) == ["7"]


def test_duplicates_of_what_is_gone_are_looked_at(
    session: Session, source: int, add_link: Add, old: int
) -> None:
    def copy(name: str, state: LinkState) -> int:
        return add_link(name, source_id=source, alias_of=old, state=state)

    copies = [copy("amp", LinkState.DUPLICATE), copy("wall", LinkState.BLOCKED)]

    ask_duplicates(session, old, NOON)

    rows = [session.get_one(LinkRow, one).next_run for one in copies]
    assert rows == [NOON, None]


def test_versions_of_before_it_moved_are_noted_with_it(
    session: Session, moved: Kept
) -> None:
    class Transaction:
        def __init__(self) -> None:
            self.session = session

    note_article(Transaction(), moved.article_id)  # type: ignore[arg-type]

    assert len(session.info["touched"].captures) == 2
