"""Two nodes share a database and an object store: what one has, the other erases."""

import random
from datetime import timedelta
from pathlib import Path

import pytest
from sqlmodel import Session

from storage.errors import StorageError
from storage.folder import DataFolder
from storage.model.takedown import TakedownState
from storage.sql.tables import TakedownRow
from tests.postgres import Server
from tests.storage.erasures import (
    Open,
    There,
    begin,
    fill,
    let_go,
    open_archive,
    tails,
    words_left,
)
from tests.storage.filling import Planted
from tests.storage.kept import NOW

LATER = NOW + timedelta(days=1)


@pytest.fixture
def store(tmp_path: Path) -> There:
    return There(f"file://{tmp_path}/store")


def words(archive: Open, planted: Planted) -> set[str]:
    """Return what is left of an article in an archive's folder."""
    return tails([planted]) & set(words_left(archive.folder))


def state(archive: Open) -> str:
    with Session(archive.engine) as session:
        return session.get_one(TakedownRow, "one").state


def test_what_another_node_alone_has_is_waited_for(
    postgres: Server, tmp_path: Path, store: There
) -> None:
    with (
        postgres.empty() as url,
        open_archive(tmp_path / "a", shared=url, there=store) as first,
        open_archive(tmp_path / "b", shared=url, there=store) as other,
    ):
        planted = fill(other, 8, random.Random(1))
        chosen = planted[3]
        begin(first, "one", [chosen.url], everywhere=False, at=LATER)

        with pytest.raises(StorageError, match="is at node b alone"):
            first.eraser.finish()
        assert state(first) == TakedownState.ERASING
        assert words(other, chosen)

        let_go(first)  # what it sealed for this
        assert other.eraser.finish() == ["one"]
        assert state(other) == TakedownState.ERASED
        assert words(other, chosen) == set()
        assert all(words(other, one) for one in planted if one is not chosen)


def test_what_another_node_uploaded_is_erased_in_the_store(
    postgres: Server, tmp_path: Path, store: There
) -> None:
    with (
        postgres.empty() as url,
        open_archive(tmp_path / "a", shared=url, there=store) as first,
    ):
        with open_archive(tmp_path / "b", shared=url, there=store) as other:
            chosen = fill(other, 8, random.Random(1))[3]
        with open_archive(tmp_path / "b", shared=url, there=store) as other:
            let_go(other)
            assert words(other, chosen) == set()
        begin(first, "one", [chosen.url], everywhere=False, at=LATER)

        assert first.eraser.finish() == ["one"]

        assert (
            tails([chosen]) & set(words_left(DataFolder(tmp_path / "store"))) == set()
        )
        assert words(first, chosen) == set()


def test_one_node_erases_at_a_time(postgres: Server, tmp_path: Path) -> None:
    with (
        postgres.empty() as url,
        open_archive(tmp_path / "a", shared=url) as first,
        open_archive(tmp_path / "b", shared=url) as other,
    ):
        chosen = fill(first, 4, random.Random(1))[2]
        begin(first, "one", [chosen.url], everywhere=False, at=LATER)
        assert other.eraser.turn.hold()
        assert first.eraser.finish() == []
        assert words(first, chosen)
        other.eraser.turn.leave()

        assert first.eraser.finish() == ["one"]
        assert words(first, chosen) == set()
