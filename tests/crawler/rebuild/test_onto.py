"""A rebuild onto a server: what is there is never lost, and it can be killed."""

import multiprocessing
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session, select

from crawler.errors import UsageError
from crawler.rebuild.rebuilding import rebuild_onto
from storage.errors import ArchiveBusy, SchemaTooNew, WrongCopy
from storage.failpoints import arm
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.leading import REBUILDING, Lead
from storage.sql.migrate import differences as schema_differences
from storage.sql.migrate import migrate
from storage.sql.revision import newest_revision, refuse_other_revisions, revision_of
from storage.sql.tables import SourceRow, VersionRow
from tests.crawler.rebuild.nodes import START, reading, settings, writing
from tests.postgres import Server
from tests.storage.kept import Kept, keeping, kept
from tests.storage.noted import LATER, archived, do, read
from tests.torture.facts import Facts, differences, facts

_processes = multiprocessing.get_context("spawn")


@pytest.fixture
def there(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        yield url


@pytest.fixture
def archive(tmp_path: Path) -> Iterator[Kept]:
    """An archive of one node, on a file."""
    place = tmp_path / "archive"
    place.mkdir()
    migrate(sqlite_url(place))
    with kept(place) as opened:
        with opened.writer() as writer:
            link = archived(writer)
            capture = do(writer, keeping(1))
            do(writer, lambda tx: read(tx, link, capture, LATER))
        yield opened


def make(folder: Path, url: str) -> None:
    config = settings(folder)
    named = url.replace("postgresql+psycopg://", "postgresql://")
    rebuild_onto(config, named, START, lambda _done, _total: None)


def told(url: str) -> Facts:
    """Return what notes say; these captures have not all that visits keep of them."""
    found = facts(url)
    names = ("article", "version", "former_version", "search_text", "source")
    return {name: found[name] for name in names}


def test_an_archive_on_a_file_goes_onto_a_server(archive: Kept, there: str) -> None:
    make(archive.folder.path, there)

    assert differences(told(sqlite_url(archive.folder.path)), told(there)) == []
    assert schema_differences(there) == []
    with reading(there) as session:
        refuse_other_revisions(session.get_bind())  # it may be opened


def test_new_rows_are_numbered_behind_those_that_were_made(
    archive: Kept, there: str, tmp_path: Path
) -> None:
    make(archive.folder.path, there)

    with writing(tmp_path / "nodes", there, START - START) as (node,):
        link = node.enter("https://news.example/new")
        node.do(lambda tx: read(tx, link, keeping(7)(tx), LATER))

    with reading(there) as session:
        assert len(session.exec(select(VersionRow)).all()) == 3


def test_a_database_with_rows_is_left_alone(archive: Kept, there: str) -> None:
    migrate(there)
    add_source(there)

    with pytest.raises(WrongCopy, match="not empty: source has rows"):
        make(archive.folder.path, there)

    with reading(there) as session:
        assert session.exec(select(SourceRow.name)).all() == ["Town"]


def test_what_was_made_is_not_made_over(archive: Kept, there: str) -> None:
    make(archive.folder.path, there)
    before = facts(there)

    with pytest.raises(WrongCopy, match="not empty"):
        make(archive.folder.path, there)

    assert differences(before, facts(there)) == []


def add_source(url: str) -> None:
    engine = writing_engine(url)
    with Session(engine) as session:
        home = "https://town.example/"
        session.add(SourceRow(name="Town", home=home, settings={}, created_at=START))
        session.commit()
    engine.dispose()


def test_a_killed_rebuild_is_no_archive_and_is_begun_anew(
    archive: Kept, there: str
) -> None:
    code = _make_and_die(archive.folder.path, there)
    with reading(there) as session:
        engine = session.get_bind()
        left = revision_of(engine)
        with pytest.raises(SchemaTooNew, match="unfinished rebuild"):
            refuse_other_revisions(engine)
    with pytest.raises(SchemaTooNew, match="unfinished rebuild"):
        migrate(there)

    make(archive.folder.path, there)

    assert (code, left) == (-9, f"rebuilding {newest_revision()}")
    assert differences(told(sqlite_url(archive.folder.path)), told(there)) == []
    assert schema_differences(there) == []


def _make_and_die(folder: Path, url: str) -> int | None:
    process = _processes.Process(target=_make_armed, args=(folder, url))
    process.start()
    process.join(60)
    code = process.exitcode
    process.close()
    return code


def _make_armed(folder: Path, url: str) -> None:
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    arm("after_commit:kill")
    make(folder, url)


def test_one_process_rebuilds_a_database_at_a_time(archive: Kept, there: str) -> None:
    engine = writing_engine(there)
    other = Lead(engine, REBUILDING)
    assert other.hold()

    with pytest.raises(WrongCopy, match="another process rebuilds"):
        make(archive.folder.path, there)

    other.leave()
    engine.dispose()
    make(archive.folder.path, there)


def test_a_folder_that_a_process_holds_is_not_read(
    archive: Kept, there: str, tmp_path: Path
) -> None:
    named = there.replace("postgresql+psycopg://", "postgresql://")
    config = settings(tmp_path / "own")

    with archive.folder.lock({}), pytest.raises(ArchiveBusy):
        rebuild_onto(config, named, START, print, [archive.folder.path])
    with pytest.raises(UsageError, match="no data folder"):
        rebuild_onto(config, named, START, print, [tmp_path / "none"])
