"""Erasing: nothing of it is left in any byte, and nothing else is touched.

`python -m tests.torture erase` does this with 20,000 articles.
"""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session, col, select

from storage.errors import StorageError
from storage.exports import note_export
from storage.fixity import verify
from storage.folder import DataFolder
from storage.kept import received
from storage.model.link_state import LinkState
from storage.sql.articles import find_article, list_articles
from storage.sql.bars import key_sha256
from storage.sql.retention import Cutoff
from storage.sql.tables import (
    ArticleRow,
    BandRow,
    CaptureRow,
    ErasureRow,
    LinkRow,
    TakedownRow,
)
from storage.sql.takedowns import catch, list_takedowns
from storage.takedown.erasure_list import LIST, read_erasures
from storage.takedown.surveying import survey, told
from storage.warc.record import read_member
from tests.storage.erasures import (
    Open,
    begin,
    digests,
    erase_and_die,
    fill,
    open_archive,
    plant_leftovers,
    tails,
    words_left,
)
from tests.storage.filling import Planted
from tests.storage.kept import NOW
from tests.storage.test_exports import export


@dataclass
class World:
    """A filled archive, and what was planted in it."""

    path: Path
    planted: list[Planted]

    def urls(self, *numbers: int) -> list[str]:
        return [self.planted[number].url for number in numbers]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> World:
    path = tmp_path_factory.mktemp("filled")
    with open_archive(path, rotate_bytes=30_000) as archive:
        planted = fill(archive, 40, random.Random(3))
        plant_leftovers(archive, planted)
    return World(path, planted)


@pytest.fixture
def world(filled: World, tmp_path: Path) -> World:
    shutil.copytree(filled.path, tmp_path / "data")
    return World(tmp_path / "data", filled.planted)


@pytest.fixture
def archive(world: World) -> Iterator[Open]:
    with open_archive(world.path) as archive:
        yield archive


DAY = timedelta(days=1)
#: Numbers of articles: with versions, a part, an alias and a repeated, a rendered page.
SHAPES = (20, 13, 10, 29)


def test_of_what_is_erased_no_byte_says_anything(world: World, archive: Open) -> None:
    chosen = [world.planted[number] for number in SHAPES]
    assert tails(chosen) <= set(words_left(archive.folder))

    begin(archive, "one", world.urls(*SHAPES), everywhere=True)
    archive.eraser.finish()

    left = words_left(archive.folder)
    others = [one for one in world.planted if one not in chosen]
    assert {word: left[word] for word in tails(chosen) & set(left)} == {}
    assert all(tails([one]) & set(left) for one in others)


def test_every_other_record_stays_where_and_what_it_was(
    world: World, archive: Open
) -> None:
    before = digests(archive.folder)

    begin(archive, "one", world.urls(*SHAPES), everywhere=False)
    archive.eraser.finish()

    after = digests(archive.folder)
    with archive.eraser.session() as session:
        rows = {
            (row.segment, row.offset, row.length): row
            for row in session.exec(select(ErasureRow))
        }
        assert list(verify(archive.folder, session, full=True)) == []
    assert set(before) <= set(after)
    changed = {place for place in before if before[place] != after[place]}
    assert changed == set(rows) & set(before)
    for place in changed:
        digests_of = (rows[place].former_sha256, rows[place].tombstone_sha256)
        assert (before[place], after[place]) == digests_of


def test_lists_are_left_as_they_are_unless_all_is_asked_for(
    world: World, archive: Open
) -> None:
    begin(archive, "one", world.urls(20), everywhere=False)
    archive.eraser.finish()

    left = words_left(archive.folder)
    feeds = tails([world.planted[20]]) & set(left)
    assert feeds
    assert all(".warc.gz" in file for word in feeds for file in left[word])


@pytest.mark.parametrize("point", ["after_intent", "mid_erase", "after_forget"])
def test_whoever_starts_next_finishes_what_was_killed(world: World, point: str) -> None:
    killed = erase_and_die(world.path, "one", world.urls(*SHAPES), f"{point}:kill")
    withheld = _shown(world)

    ended = erase_and_die(world.path, "one", [], None)

    assert (killed, ended) == (-9, 0)
    assert not withheld & set(world.urls(*SHAPES))
    left = words_left(DataFolder(world.path))
    assert not tails([world.planted[number] for number in SHAPES]) & set(left)
    with open_archive(world.path) as archive, archive.eraser.session() as session:
        assert session.get_one(TakedownRow, "one").state == "erased"
        assert list(verify(archive.folder, session, full=True)) == []


def _shown(world: World) -> set[str]:
    with open_archive(world.path) as archive, archive.eraser.session() as session:
        return {one.key for one in list_articles(session, limit=1000)}


def test_verify_finds_no_damage_while_an_erasure_is_under_way(world: World) -> None:
    erase_and_die(world.path, "one", world.urls(*SHAPES), "after_forget:kill")

    with open_archive(world.path) as archive, archive.eraser.session() as session:
        assert list(verify(archive.folder, session, full=True)) == []


def test_what_another_link_repeats_is_kept_anew_for_it(
    world: World, archive: Open
) -> None:
    """Article 7's payload is repeated under two other addresses."""
    gone = world.planted[7]
    copies = [f"https://{gone.url.split('/')[2]}/copy/7-{number}" for number in (1, 2)]
    before = _responses(archive, copies)

    begin(archive, "one", [gone.url], everywhere=False)
    archive.eraser.finish()

    assert _responses(archive, copies) == before
    with archive.eraser.session() as session:
        first, second = _captures(session, copies)
        assert first.revisit_of is None
        assert second.revisit_of == first.id
        assert list(verify(archive.folder, session, full=True)) == []
        assert find_article(session, gone.url) is None


def _captures(session: Session, urls: list[str]) -> list[CaptureRow]:
    links = select(LinkRow.id).where(col(LinkRow.url).in_(urls))
    query = select(CaptureRow).where(col(CaptureRow.link_id).in_(links))
    return list(session.exec(query.order_by(col(CaptureRow.id))))


def _responses(archive: Open, urls: list[str]) -> list[bytes]:
    with archive.eraser.session() as session:
        return [received(archive.folder, row) for row in _captures(session, urls)]


def test_the_ledger_keeps_a_hash_and_the_article_its_number(
    world: World, archive: Open
) -> None:
    url = world.urls(39)[0]
    with archive.eraser.session() as session:
        row = find_article(session, url)
        number, link = (row.id, row.link_id) if row else (0, 0)

    begin(archive, "one", [url], everywhere=False)
    archive.eraser.finish()

    with archive.eraser.session() as session:
        line = session.get_one(LinkRow, link)
        article = session.get_one(ArticleRow, number)
        left = session.exec(select(BandRow).where(BandRow.article_id == number)).first()
    assert left is None
    assert (line.state, line.url) == (LinkState.ERASED, f"erased:{key_sha256(url)}")
    assert (line.title, line.blurb, line.reason) == (None, None, "takedown one")
    assert (article.title, article.url, article.versions) == ("", "", 0)


def test_tombstones_say_of_the_address_the_hash_alone(
    world: World, archive: Open
) -> None:
    url = world.urls(21)[0]
    begin(archive, "one", [url], everywhere=False)
    archive.eraser.finish()

    with archive.eraser.session() as session:
        row = session.exec(
            select(ErasureRow).where(col(ErasureRow.key_sha256).is_not(None))
        ).first()
    assert row is not None
    path = archive.folder.segment(row.segment)
    assert path is not None
    member = path.read_bytes()[row.offset : row.offset + row.length]
    record = read_member(member)
    assert record.header("WARC-Target-URI") == f"urn:kliping:erased:{key_sha256(url)}"
    assert b"erased-for: law" in record.block


def test_the_report_and_the_list_name_places_and_hashes_only(
    world: World, archive: Open
) -> None:
    with archive.eraser.session() as session:
        row = find_article(session, world.urls(20)[0])
        number = int(row.id or 0) if row else 0
    note_export(archive.folder, export(number))

    begin(archive, "one", world.urls(20), everywhere=True)
    archive.eraser.finish()

    with archive.eraser.session() as session:
        report = session.get_one(TakedownRow, "one").report or {}
    (listed,) = read_erasures(archive.folder.path / LIST)
    assert (report["rows"]["article"], report["rows"]["version"]) == (1, 3)
    assert (report["lists"], report["reextract"], report["quarantine"]) != (0, 0, 0)
    assert [one["form"] for one in report["exports"]] == ["csv"]
    assert report["records"] == len(listed.records)
    assert listed.keys == (key_sha256(world.urls(20)[0]),)
    text = (archive.folder.path / LIST).read_text() + str(report)
    assert "://" not in text


def test_databases_that_a_rebuild_set_aside_go_too(world: World, archive: Open) -> None:
    aside = archive.folder.path / "kliping.sqlite3.before-20260301T000000Z"
    shutil.copy(archive.folder.database, aside)

    begin(archive, "one", world.urls(20), everywhere=False)
    archive.eraser.finish()

    assert not aside.exists()


def test_a_dry_run_counts_what_goes_and_changes_nothing(
    world: World, archive: Open
) -> None:
    before = digests(archive.folder)
    with archive.eraser.session() as session:
        row = find_article(session, world.urls(20)[0])
        links = [row.link_id] if row else []
        chunk = survey(
            archive.folder, session, links, set(links), archive.eraser.quoting
        )
        found = told(archive.folder, chunk)

    assert digests(archive.folder) == before
    assert (found["versions"], found["captures"]) == (3, 3)
    assert found["lists"] == 2
    assert found["bytes"] == sum(one["length"] for one in found["records"])


def test_a_page_of_what_was_erased_under_another_address_goes_too(
    world: World, archive: Open
) -> None:
    """It is found only when the page is read, and was kept by then."""
    begin(archive, "one", world.urls(20), everywhere=False)
    archive.eraser.finish()
    with archive.eraser.session() as session:
        row = find_article(session, world.urls(22)[0])
        other = row.link_id if row else 0
    caught = archive.writer.submit(
        lambda tx: catch(tx.session, other, world.urls(20)[0], NOW)
    )

    assert caught.result(20)
    assert archive.eraser.finish() == ["one"]
    left = words_left(archive.folder)
    files = {file for word in tails([world.planted[22]]) for file in left.get(word, ())}
    assert not {file for file in files if "sqlite" in file}


def test_an_erasure_that_cannot_rewrite_the_database_stays_begun(
    world: World, archive: Open
) -> None:
    """Somebody reads an old state all the while; the next try succeeds."""
    begin(archive, "one", world.urls(20), everywhere=False)
    with archive.eraser.session() as reader:
        reader.connection().exec_driver_sql("BEGIN")
        reader.exec(select(TakedownRow)).all()
        with pytest.raises(StorageError, match="still read"):
            archive.eraser.finish()
        reader.rollback()

    assert archive.eraser.finish() == ["one"]


def test_an_older_copy_of_the_rows_and_files_is_erased_again(
    world: World, tmp_path: Path
) -> None:
    """As after a restore: the list alone knows what was erased."""
    older = tmp_path / "older"
    shutil.copytree(world.path, older)
    with open_archive(world.path) as archive:
        begin(archive, "one", world.urls(*SHAPES), everywhere=True)
        archive.eraser.finish()
        erased = digests(archive.folder)
    shutil.copy(world.path / LIST, older / LIST)

    with open_archive(older) as archive:
        taken_up = archive.eraser.take_up()
        archive.eraser.finish()
        again = archive.eraser.take_up()
        with archive.eraser.session() as session:
            assert list(verify(archive.folder, session, full=True)) == []

    left = words_left(DataFolder(older))
    assert (taken_up, again) == (["one"], [])
    assert not tails([world.planted[number] for number in SHAPES]) & set(left)
    after = digests(DataFolder(older))
    shared = set(erased) & set(after)
    assert {place for place in shared if erased[place] != after[place]} == set()


def test_captures_past_their_time_go_and_no_other_record(archive: Open) -> None:
    """The first capture of each of two feeds, and what repeats it."""
    before = digests(archive.folder)
    cutoffs = [Cutoff(source=n, lists=NOW + DAY, looks=None) for n in (1, 2)]
    known = words_left(archive.folder)

    gone = archive.eraser.retire(cutoffs)

    assert gone == 4
    assert archive.eraser.retire(cutoffs) == 0
    after = digests(archive.folder)
    with archive.eraser.session() as session:
        assert list(verify(archive.folder, session, full=True)) == []
        assert list_takedowns(session) == []
    changed = {place for place in before if before[place] != after[place]}
    assert len(changed) >= 2 * gone
    assert not (archive.folder.path / LIST).exists()
    assert set(words_left(archive.folder)) == set(known)


def test_damage_elsewhere_does_not_hold_an_erasure_up(
    world: World, archive: Open
) -> None:
    """A repeat that cannot be read, a file that lost its end, a note of no export."""
    copy = f"https://{world.planted[7].url.split('/')[2]}/copy/7-1"
    with archive.eraser.session() as session:
        (row,) = _captures(session, [copy])
        last = session.exec(
            select(CaptureRow).order_by(col(CaptureRow.id).desc())
        ).first()
    for damaged in (row, last):
        path = archive.folder.segment(damaged.segment) if damaged else None
        assert path is not None
        assert damaged is not None
        with path.open("r+b") as file:
            if damaged is row:
                file.seek(damaged.offset + 30)
                file.write(b"damage")
            else:
                file.truncate(damaged.offset + 40)
    exports = archive.folder.path / "exports"
    exports.mkdir()
    (exports / "a.json").write_text("no note")

    begin(archive, "one", world.urls(7, 39), everywhere=False)

    assert archive.eraser.finish() == ["one"]
    gone = tails([world.planted[39]])
    assert not {
        word
        for word, files in words_left(archive.folder).items()
        if word in gone and files != {last.segment if last else ""}
    }
