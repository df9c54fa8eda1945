"""`kliping migrate --to`: the archive's rows in another database."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from storage.folder import DataFolder
from tests.crawler.cli.conftest import Command
from tests.postgres import Server, serving


@pytest.fixture(scope="module")
def postgres() -> Iterator[Server]:
    with serving() as server:
        yield server


@pytest.fixture
def folder(settings: dict[str, Any]) -> Path:
    return Path(settings["storage"]["folder"])


@pytest.fixture
def archive(kliping: Command, article: str, folder: Path) -> Path:
    assert kliping("fetch", "--save", article).code == 0
    return folder


def test_rows_go_to_postgresql_and_back(
    kliping: Command, archive: Path, postgres: Server, article: str
) -> None:
    shown, file = kliping("show", article).out, archive / "kliping.sqlite3"
    with postgres.empty() as there:
        out = kliping("migrate", "--to", there)
        file.rename(archive / "before.sqlite3")
        home = kliping("migrate", "--from", there, "--to", f"sqlite:///{file}")

    assert (out.code, home.code) == (0, 0), out.err + home.err
    assert out.rows == home.rows
    assert all(row["equal"] for row in out.rows)
    assert {row["table"]: row["rows"] for row in out.rows}["article"] == 1
    assert kliping("show", article).out == shown
    assert kliping("verify", "--full").code == 0


@pytest.mark.usefixtures("archive")
def test_a_copy_beside_is_an_archive(kliping: Command, tmp_path: Path) -> None:
    there = f"sqlite:///{tmp_path}/other.sqlite3"

    first, again = kliping("migrate", "--to", there), kliping("migrate", "--to", there)

    assert first.code == 0, first.err
    assert again.code == 2
    assert "not empty" in again.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--from", "sqlite:////x.sqlite3"), "--from needs --to"),
        (("--from", "sqlite:////none.sqlite3", "--to", "sqlite:////x"), "no database"),
        (("--to", "mysql://a@b/c"), "wanted sqlite"),
    ],
    ids=["no target", "no source", "another kind"],
)
def test_what_cannot_be_asked_is_refused(
    kliping: Command, words: tuple[str, ...], why: str
) -> None:
    done = kliping("migrate", *words)

    assert done.code == 2
    assert why in done.err


def test_a_database_is_not_copied_onto_itself(kliping: Command, archive: Path) -> None:
    own = f"sqlite:///{archive}/kliping.sqlite3"

    assert kliping("migrate", "--from", own, "--to", own).code == 2


def test_nobody_copies_under_a_service(
    kliping: Command, archive: Path, tmp_path: Path
) -> None:
    """Nor into another folder's database that is open."""
    other = tmp_path / "other"
    with DataFolder(archive).lock({"role": "serve"}):
        from_it = kliping("migrate", "--to", f"sqlite:///{tmp_path}/x.sqlite3")
    with DataFolder(other).lock({"role": "serve"}):
        into_it = kliping("migrate", "--to", f"sqlite:///{other}/kliping.sqlite3")

    assert (from_it.code, into_it.code) == (10, 10)
    assert "in use" in from_it.err
    assert "in use" in into_it.err
