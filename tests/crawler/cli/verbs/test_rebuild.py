"""`kliping rebuild`: the database, from the WARC files alone."""

import asyncio
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from gzip import compress, decompress
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import yaml
from sqlalchemy import delete
from sqlmodel import Session, select

from crawler.catching_up.notes import note_kept
from storage.days.sealing import enter_day, next_day
from storage.documents import article_document, document_sha256
from storage.folder import DATABASE, DataFolder
from storage.model.link import Settlement
from storage.model.link_state import LinkState
from storage.notes.record import is_note
from storage.sql.articles import mark_gone
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.events import due_events, list_events, newest_event
from storage.sql.ledger import settle
from storage.sql.reextraction import NewReading, promote
from storage.sql.tables import CaptureRow, LinkRow, RecordRow
from storage.warc.reader import walk
from tests.crawler.cli.conftest import Command
from tests.migrated import migrate_copy
from tests.storage.census import counted, said
from tests.storage.kept import NOW, Kept, keeping, kept
from tests.storage.noted import HEADLINE, LATER, archived, do, enter, read
from tests.torture.facts import Facts, differences, facts


@pytest.fixture
def archive(settings: dict[str, dict[str, str]]) -> Iterator[Kept]:
    """An article of two versions, gone since, and read anew by a run."""
    place = Path(settings["storage"]["folder"])
    place.mkdir()
    migrate_copy(sqlite_url(place))
    with kept(place) as opened:
        with opened.writer() as writer:
            link = archived(writer)
            capture = do(writer, keeping(1))
            do(writer, lambda tx: read(tx, link, capture, LATER))
            do(writer, lambda tx: mark_gone(tx.session, link, NOW + timedelta(1)))
            reading = NewReading(
                version_id=1,
                was_sha256=document_sha256(article_document(HEADLINE)),
                document=article_document(HEADLINE) | {"section": "Coast"},
                extractor="2",
            )
            do(writer, lambda tx: promote(tx.session, "run", [reading], NOW))
            other = do(writer, lambda tx: enter(tx, "2"))
            settled = Settlement(state=LinkState.DEAD, reason="gone", next_run=None)
            do(writer, lambda tx: settle(tx.session, other, settled))
        yield opened


def lose(archive: Kept) -> None:
    """Delete the database."""
    archive.engine.dispose()
    for path in archive.folder.path.glob(f"{DATABASE}*"):
        path.unlink()


def told(folder: DataFolder) -> Facts:
    """Return what readers see of articles, by what outlives their ids."""
    found = facts(sqlite_url(folder.path))
    names = ("article", "version", "former_version", "search_text", "reextraction")
    return {name: found[name] for name in names}


def session_of(folder: DataFolder) -> Session:
    return Session(reading_engine(sqlite_url(folder.path)))


def test_every_row_is_as_it_was(archive: Kept, kliping: Command) -> None:
    before = told(archive.folder)
    lose(archive)

    done = kliping("rebuild")

    assert done.code == 0, done.err
    assert differences(before, told(archive.folder)) == []
    assert done.rows[0]["versions"] == 2
    assert len(before["former_version"]) == 2
    assert before["article"][("https://news.example/1",)]["state"] == "gone"


def test_events_go_on_from_numbers_above_all_before(
    archive: Kept, kliping: Command
) -> None:
    lose(archive)

    kliping("rebuild")

    with session_of(archive.folder) as session:
        (event,) = list_events(session, after=10**12, limit=9)
        assert newest_event(session) == event.id
    assert event.type == "service.rebuilt"


def test_a_webhook_is_told_of_it(
    archive: Kept, kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    alerts = {"webhook": "https://desk.example/hook", "secret": "s3cret"}
    config.write_text(yaml.safe_dump(settings | {"alerts": alerts}), encoding="utf-8")
    lose(archive)

    kliping("rebuild")

    with session_of(archive.folder) as session:
        due = due_events(session, datetime.now(UTC), 9)
    assert [one.type for one in due] == ["service.rebuilt"]


def test_what_is_rebuilt_is_found_and_sound(archive: Kept, kliping: Command) -> None:
    lose(archive)

    kliping("rebuild")

    assert len(kliping("search", "bridges").rows) == 1
    assert kliping("verify", "--full").code == 0
    with session_of(archive.folder) as session:
        assert said(session) == counted(session)


def test_a_database_that_is_there_is_left_alone(
    archive: Kept, kliping: Command
) -> None:
    before = archive.folder.database.read_bytes()

    done = kliping("rebuild")

    assert done.code == 2
    assert "--replace" in done.err
    assert archive.folder.database.read_bytes() == before


def test_a_database_that_is_replaced_is_moved_aside(
    archive: Kept, kliping: Command
) -> None:
    archive.engine.dispose()
    archive.folder.database.write_bytes(b"no database " * 100)

    assert kliping("rebuild", "--replace").code == 0

    (aside,) = archive.folder.path.glob(f"{DATABASE}.before-*")
    assert aside.read_bytes().startswith(b"no database")
    assert len(kliping("search", "bridges").rows) == 1


def test_another_folder_may_have_the_database(
    archive: Kept, kliping: Command, tmp_path: Path
) -> None:
    before = told(archive.folder)

    assert kliping("rebuild", "--into", str(tmp_path / "copy")).code == 0

    assert differences(before, told(DataFolder(tmp_path / "copy"))) == []


def test_a_torn_end_of_an_open_file_is_no_damage(
    archive: Kept, kliping: Command
) -> None:
    (path,) = archive.folder.warc.iterdir()
    whole = path.read_bytes()
    path.with_name(f"{path.name}.open").write_bytes(whole + whole[:200])
    path.unlink()
    lose(archive)

    assert kliping("rebuild").code == 0

    with session_of(archive.folder) as session:
        assert len(session.exec(select(CaptureRow)).all()) == 2


def test_a_damaged_note_is_told_and_its_page_read_again(
    settings: dict[str, dict[str, str]], kliping: Command
) -> None:
    place = Path(settings["storage"]["folder"])
    with kept(place) as archive:
        with archive.writer() as writer:
            archived(writer)
        (path,) = archive.folder.warc.iterdir()
        note = list(walk(path))[-1]
        flip(path, note.offset + note.length // 2)
        lose(archive)

        done = kliping("rebuild")

    assert done.code == 12
    assert f"at {note.offset}" in done.err
    with session_of(archive.folder) as session:
        (capture,) = session.exec(select(CaptureRow)).all()
        (link,) = session.exec(select(LinkRow)).all()
        assert link.next_run is not None
        assert capture.verdict is None


def test_what_was_kept_before_notes_were_is_noted(
    archive: Kept, kliping: Command
) -> None:
    """The archive as an older version leaves it: no note, no row of one."""
    drop_notes(archive)
    before = told(archive.folder)
    with archive.writer() as writer:
        means = SimpleNamespace(writer=writer)
        count = asyncio.run(note_kept(means, lambda: Session(archive.engine)))
        again = asyncio.run(note_kept(means, lambda: Session(archive.engine)))
    lose(archive)

    assert kliping("rebuild").code == 0

    assert (count, again) == (1, 0)
    assert differences(before, told(archive.folder)) == []


def test_files_of_before_notes_are_told_not_passed_over(
    archive: Kept, kliping: Command
) -> None:
    keep_as_before_notes(archive)
    lose(archive)

    done = kliping("rebuild")

    assert done.code == 12
    assert "an earlier Kliping kept" in done.err
    assert "`kliping import warc` reads these files" in done.err


def test_days_are_sealed_listed_proved_and_taken_over(
    archive: Kept, kliping: Command
) -> None:
    with Session(archive.engine) as session:
        while sealed := next_day(archive.folder, session, NOW + timedelta(2)):
            enter_day(session, sealed, "")
            session.commit()
    lose(archive)
    kliping("rebuild")

    (day,) = kliping("verify", "--roots").rows
    proof = kliping("verify", "--root", f"{day['day']}={day['root']}")
    refuted = kliping("verify", "--root", f"{day['day']}={day['tree']}")
    unknown = kliping("verify", "--root", f"2020-01-01={day['root']}")
    no_day = kliping("verify", "--root", f"../{day['day']}={day['root']}")
    sound = kliping("verify")
    (archive.folder.fixity / f"{day['day']}.jsonl").unlink()

    assert (proof.code, refuted.code, sound.code) == (0, 12, 0)
    assert (unknown.code, no_day.code) == (12, 2)
    assert unknown.rows[0]["why"] == "there is no root of this day"
    assert "1 damage found" in unknown.err
    assert kliping("verify").code == 12


def test_what_was_erased_stays_erased(
    settings: dict[str, dict[str, str]], kliping: Command, article: str
) -> None:
    """Its day was sealed before: that it is not what it was is told by the erasure."""
    kliping("fetch", "--save", article)
    place = Path(settings["storage"]["folder"])
    with kept(place) as archive:
        with Session(archive.engine) as session:
            while sealed := next_day(
                archive.folder, session, datetime.now(UTC) + timedelta(2)
            ):
                enter_day(session, sealed, "")
                session.commit()
        kliping("takedown", "1", "--depth", "erase", "--reason", "law", "--yes")
        before = kliping("verify", "--full")
        lose(archive)

    rebuilt = kliping("rebuild")
    again = kliping("fetch", "--save", article)
    after = kliping("verify", "--full")

    assert (before.code, rebuilt.code, after.code) == (0, 0, 0), rebuilt.err + after.out
    assert rebuilt.rows[0]["articles"] == 0
    assert again.code == 6
    assert kliping("takedown", "list").rows[0]["state"] == "erased"


def test_what_is_hidden_stays_hidden(
    settings: dict[str, dict[str, str]], kliping: Command, article: str
) -> None:
    kliping("fetch", "--save", article)
    kliping("takedown", "1", "--depth", "hide", "--reason", "law")
    (Path(settings["storage"]["folder"]) / DATABASE).unlink()

    kliping("rebuild")

    assert kliping("show", "1").code == 2
    kliping("takedown", "lift", kliping("takedown", "list").rows[0]["name"])
    assert kliping("show", "1").code == 0


def drop_notes(archive: Kept) -> None:
    """Write the file again without its notes, and place the rows anew."""
    (path,) = archive.folder.warc.iterdir()
    whole, kept_bytes, moved = path.read_bytes(), b"", {}
    for place in walk(path):
        if place.record is not None and not is_note(place.record):
            moved[place.offset] = len(kept_bytes)
            kept_bytes += whole[place.offset : place.offset + place.length]
    path.write_bytes(kept_bytes)
    with Session(archive.engine) as session:
        session.exec(delete(RecordRow))
        for row in session.exec(select(CaptureRow)):
            row.offset = moved[row.offset]
            row.request_offset = moved[row.request_offset]
        session.commit()


def keep_as_before_notes(archive: Kept) -> None:
    """Write the file as versions did that kept answers alone; its rows are to be lost."""
    drop_notes(archive)
    (path,) = archive.folder.warc.iterdir()
    whole = path.read_bytes()
    members = [whole[one.offset : one.offset + one.length] for one in walk(path)]
    said = re.compile(rb"WARC-JSON-Metadata: [^\r]*\r\n")
    path.write_bytes(b"".join(compress(said.sub(b"", decompress(m))) for m in members))


def flip(path: Path, at: int) -> None:
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)


def test_a_copy_of_a_file_is_not_read_twice(kliping: Command, archive: Kept) -> None:
    warc = archive.folder.warc
    (name,) = archive.folder.segments()
    path = archive.folder.segment(name)
    assert path is not None
    (warc / "before.warc.gz").write_bytes(path.read_bytes())
    with session_of(archive.folder) as session:
        captures = len(session.exec(select(CaptureRow)).all())
    lose(archive)

    done = kliping("rebuild")

    assert done.code == 12
    assert f"before.warc.gz at 0: a copy of {name}" in done.err
    with session_of(archive.folder) as session:
        assert len(session.exec(select(CaptureRow)).all()) == captures


def test_an_emptied_file_is_told(kliping: Command, archive: Kept) -> None:
    (archive.folder.warc / "kliping-2.warc.gz").touch()
    lose(archive)

    done = kliping("rebuild")

    assert done.code == 12
    assert "kliping-2.warc.gz at 0: an empty file" in done.err
