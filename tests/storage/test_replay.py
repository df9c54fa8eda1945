"""Notes put back into rows."""

from typing import Any

import pytest
from sqlmodel import Session, select

from storage.documents import article_document
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind, Way
from storage.notes.replay import Replay
from storage.notes.saying import say_found
from storage.sql.tables import ArticleRow, CaptureRow, LinkRow, SourceRow, VersionRow
from tests.storage.material import NOON, SEGMENT, add_capture, article

KEY = "https://news.example/1"
LINK: dict[str, Any] = {
    "key": KEY,
    "url": KEY,
    "host": "news.example",
    "kind": "article",
    "state": "archived",
    "reason": "first",
    "source": "Town",
    "found_on": None,
    "found_at": NOON.isoformat(),
    "title": "Flood",
    "published": None,
    "blurb": None,
    "ways": 1,
    "alias_of": None,
    "withheld": None,
}
ARTICLE = {
    "id": 7,
    "key": KEY,
    "source": "Town",
    "first_seen": NOON.isoformat(),
    "last_seen": NOON.isoformat(),
    "state": "present",
    "gone_at": None,
}
VERSION = {
    "number": 1,
    "change": "first",
    "captured_at": NOON.isoformat(),
    "capture": [SEGMENT, 100],
    "parts": [],
    "story_sha256": "0",
    "extractor": "1",
    "document": article_document(article("Flood", "The river rose.")),
}
WHOLE = {"link": LINK, "article": ARTICLE, "version": VERSION}


@pytest.fixture
def replay(session: Session) -> Replay:
    return Replay(session, NOON)


def test_a_link_that_was_asked_for_is_of_its_source_again(
    session: Session, replay: Replay
) -> None:
    new = NewLink(url=KEY, key=KEY, host="news.example", kind=LinkKind.ARTICLE)

    replay.put({"found": [say_found(new, Way.HAND, NOON, "Town")]}, None)

    (link,) = session.exec(select(LinkRow)).all()
    (town,) = session.exec(select(SourceRow)).all()
    assert (link.source_id, town.name, link.ways) == (town.id, "Town", Way.HAND)


def test_a_later_note_counts_in_an_earlier_ones_stead(
    session: Session, replay: Replay
) -> None:
    add_capture(session, offset=100)
    replay.put(WHOLE)
    replay.put(WHOLE | {"version": VERSION | {"change": "rewrite"}})

    (version,) = session.exec(select(VersionRow)).all()
    assert (version.change, version.text) == ("rewrite", "The river rose.")
    assert session.exec(select(ArticleRow.id)).all() == [7]


def test_a_source_that_nobody_lists_is_there_by_its_name(
    session: Session, replay: Replay
) -> None:
    replay.put({"link": LINK})

    (source,) = session.exec(select(SourceRow)).all()
    assert (source.name, source.state) == ("Town", "removed")


def test_what_a_note_refers_to_in_vain_is_counted(
    session: Session, replay: Replay
) -> None:
    replay.put({"link": {"key": "https://news.example/none"}})
    replay.put(WHOLE)

    assert dict(replay.lacking) == {"link": 1, "capture": 1}
    assert session.exec(select(VersionRow.capture_id)).all() == [None]


def test_a_capture_that_was_kept_anew_is_found_by_its_record(
    session: Session, replay: Replay
) -> None:
    """Its first place holds a tombstone; the walk comes to the new one later."""
    replay.erased.add((SEGMENT, 100))
    replay.put(WHOLE, "<urn:uuid:1>")
    moved = add_capture(session, offset=900, record_id="<urn:uuid:1>")
    replay.follow_moved()

    assert session.exec(select(VersionRow.capture_id)).all() == [moved]
    assert not +replay.lacking


def test_an_alias_follows_its_owner(session: Session, replay: Replay) -> None:
    other = LINK | {"key": f"{KEY}?x", "url": f"{KEY}?x", "alias_of": KEY}
    replay.put({"link": LINK})
    replay.put({"link": other})

    owner, alias = session.exec(select(LinkRow).order_by(LinkRow.id)).all()
    assert alias.alias_of == owner.id


def test_a_renamed_source_keeps_its_links(session: Session, replay: Replay) -> None:
    replay.put({"link": LINK})
    said = {
        "name": "City",
        "was": "Town",
        "home": "https://news.example/",
        "language": None,
        "state": "active",
        "origin": "command",
        "settings": {},
        "created_at": NOON.isoformat(),
    }
    replay.put({"source": said})

    (source,) = session.exec(select(SourceRow)).all()
    (link,) = session.exec(select(LinkRow)).all()
    assert (source.name, link.source_id) == ("City", source.id)
    assert session.exec(select(CaptureRow)).all() == []


def test_an_article_that_moved_is_put_back_as_one(
    session: Session, replay: Replay
) -> None:
    new = f"{KEY}/new"
    add_capture(session, offset=100)
    replay.put(WHOLE)
    link = LINK | {"key": new, "url": new}
    said = ARTICLE | {"key": new, "moved_from": KEY}
    replay.put({"link": link, "article": said})
    replay.put({"link": LINK | {"state": "duplicate", "alias_of": new}})
    replay.put({"link": {"key": new}, "version": VERSION | {"number": 2}})

    (row,) = session.exec(select(ArticleRow)).all()
    old, other = session.exec(select(LinkRow).order_by(LinkRow.id)).all()
    assert (row.id, row.link_id, row.first_link) == (7, other.id, old.id)
    assert old.alias_of == other.id
    numbers = select(VersionRow.number).where(VersionRow.article_id == 7)
    assert sorted(session.exec(numbers)) == [1, 2]
