"""Erasing in files that only an object store has: no byte is left there either."""

import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from storage.errors import StorageError
from storage.fixity import verify
from storage.folder import DataFolder
from storage.sql.retention import Cutoff
from storage.sql.tables import ErasureRow, SegmentRow, TakedownRow
from tests.objects import S3
from tests.storage.erasures import (
    Open,
    There,
    begin,
    erase_and_die,
    fill,
    let_go,
    open_archive,
    tails,
    words_left,
)
from tests.storage.filling import Planted
from tests.storage.kept import NOW

pytestmark = pytest.mark.usefixtures("credentials")
#: Numbers of articles: with versions, a part, an alias and a repeated, a rendered page.
SHAPES = (20, 13, 10, 29)
DAY = timedelta(days=1)


@dataclass
class World:
    """A filled archive, what was planted in it, and its store."""

    path: Path
    planted: list[Planted]
    there: There
    server: S3 | None

    def urls(self, *numbers: int) -> list[str]:
        return [self.planted[number].url for number in numbers]

    def left(self, scratch: Path) -> dict[str, set[str]]:
        """Return the planted words that any byte here or there says."""
        if self.server is None:
            store = Path(urlsplit(self.there.url).path)
            shutil.copytree(store, scratch / "store")
        else:
            for key, data in self.server.everything(self.there.url).items():
                path = scratch / "store" / key
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(data)
        shutil.copytree(self.path, scratch / "here")
        return words_left(DataFolder(scratch))


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, list[Planted]]:
    path = tmp_path_factory.mktemp("filled")
    with open_archive(path, rotate_bytes=30_000) as archive:
        planted = fill(archive, 40, random.Random(3))
    return path, planted


@pytest.fixture(params=["s3", "s3 with versions", "folder"])
def world(
    request: pytest.FixtureRequest,
    filled: tuple[Path, list[Planted]],
    tmp_path: Path,
) -> World:
    path, planted = filled
    shutil.copytree(path, tmp_path / "data")
    server: S3 | None = None
    if request.param == "folder":
        there = There(f"file://{tmp_path}/store")
    else:
        server = request.getfixturevalue("s3")
        bucket = server.bucket(keeps_versions=request.param == "s3 with versions")
        there = There(bucket, server.endpoint)
    with open_archive(tmp_path / "data", there=there) as archive:
        let_go(archive)
    shard = tmp_path / "a.parquet"
    shard.write_text("\n".join(word for one in planted for word in sorted(one.words)))
    there.opened().put_new("bulk/20260301T060000Z/a.parquet", shard)
    return World(tmp_path / "data", planted, there, server)


@pytest.fixture
def archive(world: World) -> Iterator[Open]:
    with open_archive(world.path, there=world.there) as archive:
        yield archive


def _is_sound(archive: Open) -> bool:
    with archive.eraser.session() as session:
        return list(verify(archive.folder, session, full=True)) == []


def test_of_what_is_erased_no_byte_is_left_here_or_there(
    world: World, archive: Open, tmp_path: Path
) -> None:
    chosen = [world.planted[number] for number in SHAPES]
    assert tails(chosen) <= set(world.left(tmp_path / "before"))
    assert list(archive.folder.warc.glob("*.gz")) == []

    begin(archive, "one", world.urls(*SHAPES), everywhere=True)
    archive.eraser.finish()

    left = world.left(tmp_path / "after")
    others = [one for one in world.planted if one not in chosen]
    assert {word: left[word] for word in tails(chosen) & set(left)} == {}
    assert all(tails([one]) & set(left) for one in others)
    assert _is_sound(archive)


def test_what_was_brought_for_it_goes_again(world: World) -> None:
    with open_archive(world.path, there=world.there) as archive:
        begin(archive, "one", world.urls(*SHAPES), everywhere=True)
        archive.eraser.finish()

    with open_archive(world.path, there=world.there) as again:
        let_go(again)

        assert list(again.folder.warc.glob("*.gz*")) == []
        assert _is_sound(again)
        with again.eraser.session() as session:
            states = set(session.exec(select(SegmentRow.state)))
    assert states == {"uploaded"}


@pytest.mark.parametrize(
    "point",
    ["after_intent", "after_bring", "mid_erase", "after_forget", "after_replace"],
)
def test_whoever_starts_next_finishes_what_was_killed(
    world: World, point: str, tmp_path: Path
) -> None:
    there = world.there
    chosen = [world.planted[number] for number in SHAPES]
    killed = erase_and_die(
        world.path, "one", world.urls(*SHAPES), f"{point}:kill", there
    )
    with open_archive(world.path, there=there) as archive:
        let_go(archive)  # a turn of the mirror before the erasure's

    ended = erase_and_die(world.path, "one", [], None, there)

    assert (killed, ended) == (-9, 0)
    assert not tails(chosen) & set(world.left(tmp_path / "after"))
    with open_archive(world.path, there=there) as archive:
        assert _is_sound(archive)
        with archive.eraser.session() as session:
            assert session.get_one(TakedownRow, "one").state == "erased"


def test_copies_that_were_lost_before_they_were_in_place_are_made_again(
    world: World, tmp_path: Path
) -> None:
    chosen = [world.planted[number] for number in SHAPES]
    urls = world.urls(*SHAPES)
    erase_and_die(world.path, "one", urls, "after_forget:kill", world.there)
    for path in (world.path / "warc").glob("*.gz"):
        with open_archive(world.path, there=world.there) as archive:
            is_there = path.name in archive.folder.away.names("warc")  # type: ignore[union-attr]
        if is_there:
            path.unlink()

    assert erase_and_die(world.path, "one", [], None, world.there) == 0

    assert not tails(chosen) & set(world.left(tmp_path / "after"))


def test_a_copy_on_another_machine_goes_as_well(world: World, tmp_path: Path) -> None:
    """It was let stay there when the file was uploaded."""
    other = tmp_path / "other" / "warc"
    with open_archive(world.path, there=world.there) as archive:
        assert archive.mirror is not None
        names = archive.mirror.objects.names("warc")
        other.mkdir(parents=True)
        for name in names:
            archive.mirror.objects.fetch(f"warc/{name}", other / name)
        begin(archive, "one", world.urls(*SHAPES), everywhere=True)
        archive.eraser.finish()
        rest = replace(archive.mirror, folder=DataFolder(other.parent))

        dropped = rest.forget_former()

        assert dropped
        assert rest.forget_former() == 0
    chosen = [world.planted[number] for number in SHAPES]
    assert not tails(chosen) & set(words_left(DataFolder(other.parent)))
    assert (
        len(list(other.glob("*.gz")))
        == len([name for name in names if name.endswith(".gz")]) - dropped
    )


def test_while_the_store_is_away_an_erasure_is_not_done(
    filled: tuple[Path, list[Planted]], tmp_path: Path
) -> None:
    path, planted = filled
    shutil.copytree(path, tmp_path / "data")
    away = There("s3://kept/x", "http://127.0.0.1:9")

    with open_archive(tmp_path / "data", there=away) as archive:
        begin(archive, "one", [planted[20].url], everywhere=False)
        with pytest.raises(StorageError, match="object store"):
            archive.eraser.finish()

        with archive.eraser.session() as session:
            assert session.get_one(TakedownRow, "one").state == "erasing"


def test_what_is_past_its_time_goes_there_too(archive: Open) -> None:
    cutoffs = [Cutoff(source=1, lists=NOW + DAY, looks=NOW + DAY)]

    gone = archive.eraser.retire(cutoffs)

    assert gone
    assert _is_sound(archive)
    let_go(archive)
    with archive.eraser.session() as session:
        rows = list(session.exec(select(ErasureRow)))
    assert len(rows) >= gone
    for row in rows:
        found = archive.folder.read(row.segment, row.offset, row.length)
        assert sha256(found).hexdigest() == row.tombstone_sha256
    assert list(archive.folder.warc.glob("*.gz")) == []
