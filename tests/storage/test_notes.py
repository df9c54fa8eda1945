"""Notes: what a transaction changed is beside it in the WARC file."""

from collections.abc import Mapping
from typing import Any

import pytest
from sqlmodel import Session, select

from storage.changes import story_sha256
from storage.documents import article_document, document_sha256
from storage.errors import DiskFull
from storage.model.link import NewLink, Settlement
from storage.model.link_kind import LinkKind
from storage.model.link_state import LinkState
from storage.notes.record import read_note
from storage.sql.articles import mark_gone
from storage.sql.assets import add_assets
from storage.sql.ledger import add_links, settle
from storage.sql.reextraction import NewReading, promote, roll_back
from storage.sql.tables import LinkRow, RecordRow, VersionRow
from storage.warc.reader import read_capture, walk
from storage.writer import Tx
from tests.storage.kept import NOW, Kept, keeping
from tests.storage.noted import HEADLINE, LATER, archived, do, enter, read


def notes(archive: Kept) -> list[Mapping[str, Any]]:
    """Return what the notes in all files say, in order."""
    return [
        said
        for path in sorted(archive.folder.warc.iterdir())
        for place in walk(path)
        if place.record is not None and (said := read_note(place.record)) is not None
    ]


def test_a_first_reading_is_one_note(archive: Kept) -> None:
    with archive.writer() as writer:
        archived(writer)

    *_, said = notes(archive)
    assert len(notes(archive)) == 2  # that it was entered by hand is the other
    assert said["link"]["state"] == "archived"
    assert said["captures"][0]["evidence"] == ["prose"]
    assert said["article"]["first_seen"] == NOW.isoformat()
    assert said["version"]["document"]["title"] == "Flood"
    assert said["version"]["story_sha256"] == story_sha256(HEADLINE)


def test_a_note_is_no_page_to_those_who_replay(archive: Kept) -> None:
    with archive.writer() as writer:
        archived(writer)

    (path,) = archive.folder.warc.iterdir()
    targets = [
        place.record.header("WARC-Target-URI")
        for place in walk(path)
        if place.record is not None and place.record.kind == "metadata"
    ]
    assert targets == [
        "urn:kliping:note:by-hand",
        "urn:kliping:note:https://news.example/1",
    ]


def test_a_story_read_again_costs_no_document(archive: Kept) -> None:
    with archive.writer() as writer:
        link = archived(writer)
        capture = do(writer, keeping(1))
        do(writer, lambda tx: read(tx, link, capture, HEADLINE))

    assert sum("version" in said for said in notes(archive)) == 1


def only_version(archive: Kept) -> int:
    with Session(archive.engine) as session:
        return session.exec(select(VersionRow.id)).one() or 0


def test_each_text_is_in_a_record_of_its_own(archive: Kept) -> None:
    """Of a promoted run: what a version was, and what it is."""
    with archive.writer() as writer:
        archived(writer)
        reading = NewReading(
            version_id=only_version(archive),
            was_sha256=document_sha256(article_document(HEADLINE)),
            document=article_document(LATER),
            extractor="2",
        )
        do(writer, lambda tx: promote(tx.session, "run", [reading], NOW))

    run, former, version = notes(archive)[-3:]
    assert run["run"]["name"] == "run"
    assert former["former"]["document"]["title"] == "Flood"
    assert "version" not in former
    assert version["version"]["extractor"] == "2"


def test_a_rollback_says_what_stands_again(archive: Kept) -> None:
    with archive.writer() as writer:
        archived(writer)
        reading = NewReading(
            version_id=only_version(archive),
            was_sha256=document_sha256(article_document(HEADLINE)),
            document=article_document(LATER),
            extractor="2",
        )
        do(writer, lambda tx: promote(tx.session, "run", [reading], NOW))
        do(writer, lambda tx: roll_back(tx.session, "run", NOW))

    run, version = notes(archive)[-2:]
    assert run["run"]["rolled_back_at"] == NOW.isoformat()
    assert version["version"]["extractor"] == "1"


def test_that_a_page_is_gone_is_noted(archive: Kept) -> None:
    with archive.writer() as writer:
        link = archived(writer)
        do(writer, lambda tx: mark_gone(tx.session, link, NOW))

    assert notes(archive)[-1]["article"]["gone_at"] == NOW.isoformat()


def test_links_that_a_list_names_are_in_its_note(archive: Kept) -> None:
    def name_one(tx: Tx) -> None:
        url = "https://news.example/2"
        found = NewLink(url=url, key=url, host="news.example", kind=LinkKind.ARTICLE)
        add_links(tx.session, [found], source=None, found_on=1, now=NOW)

    with archive.writer() as writer:
        do(writer, enter)
        do(writer, name_one)

    (found,) = notes(archive)[-1]["found"]
    assert (found["url"], found["state"]) == ("https://news.example/2", "waiting")


def test_a_note_goes_with_the_work_that_fails(archive: Kept) -> None:
    def fail(tx: Tx) -> None:
        enter(tx, "2")
        tx.session.flush()
        raise LookupError

    with archive.writer() as writer:
        archived(writer)
        before = notes(archive)
        with pytest.raises(LookupError):
            do(writer, fail)

    assert notes(archive) == before


def test_rows_say_where_each_note_stands(archive: Kept) -> None:
    with archive.writer() as writer:
        link = archived(writer)

    with Session(archive.engine) as session:
        row = session.exec(select(RecordRow).where(RecordRow.link_id == link)).one()
        version = session.exec(select(VersionRow)).one()
        assert row.version_id == version.id
        record = read_capture(
            archive.folder, row.segment, row.offset, row.length, row.sha256
        )
    assert (read_note(record) or {})["version"]["number"] == 1


def test_a_notes_number_is_the_id_of_its_row(archive: Kept) -> None:
    with archive.writer() as writer:
        link = archived(writer)
        do(writer, lambda tx: mark_gone(tx.session, link, NOW))

    with Session(archive.engine) as session:
        ids = session.exec(select(RecordRow.id).order_by(RecordRow.id)).all()
    assert [said["number"] for said in notes(archive)] == ids
    assert len(ids) == 3


def test_a_full_disk_lets_a_link_be_settled_without_its_note(archive: Kept) -> None:
    with archive.writer() as writer:
        link = do(writer, enter)
    settled = Settlement(state=LinkState.ERROR, reason="no route", next_run=None)

    with archive.writer(reserve_bytes=1 << 60) as writer:
        do(writer, lambda tx: settle(tx.session, link, settled))

    with Session(archive.engine) as session:
        assert session.get_one(LinkRow, link).state == LinkState.ERROR


def test_a_full_disk_keeps_no_version_without_its_note(archive: Kept) -> None:
    with archive.writer() as writer:
        link, capture = do(writer, enter), do(writer, keeping(1))

    with archive.writer(reserve_bytes=1 << 60) as writer, pytest.raises(DiskFull):
        do(writer, lambda tx: read(tx, link, capture, HEADLINE))

    with Session(archive.engine) as session:
        assert session.exec(select(VersionRow)).all() == []


def test_that_a_second_page_shows_an_image_is_noted(archive: Kept) -> None:
    url = "https://news.example/i.gif"
    image = NewLink(url=url, key=url, host="news.example", kind=LinkKind.ASSET)

    def show(tx: Tx, page: str) -> None:
        add_assets(tx.session, [image], source=None, page=enter(tx, page), now=NOW)

    with archive.writer() as writer:
        do(writer, lambda tx: show(tx, "1"))
        do(writer, lambda tx: show(tx, "2"))

    first, *_, last = [
        said for said in notes(archive) if "i.gif" in str(said.get("found", said))
    ]
    assert [one["kind"] for one in first["found"]] == ["asset"]
    assert (last["link"]["key"], last["link"]["found_on"]) == (url, None)
