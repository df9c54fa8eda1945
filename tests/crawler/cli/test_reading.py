"""A database that is none of ours ends every command that reads in one line."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest

from storage.folder import DataFolder
from tests.crawler.cli.conftest import Command


@pytest.fixture
def database(settings: dict[str, Any]) -> Path:
    return DataFolder(Path(settings["storage"]["folder"])).database


@pytest.mark.parametrize(
    "words",
    [
        ("search", "gempa"),
        ("show", "1"),
        ("versions", "1"),
        ("explain", "1"),
        ("ledger",),
        ("health",),
        ("verify",),
        ("source", "list"),
    ],
    ids=lambda words: words[0],
)
def test_garbage_ends_with_10_and_one_line(
    kliping: Command, database: Path, words: tuple[str, ...]
) -> None:
    database.write_bytes(b"no database at all, " * 100)

    done = kliping(*words)

    assert (done.code, done.out) == (10, "")
    assert done.err == (
        f"kliping: the database {database} is damaged or not Kliping's: "
        "file is not a database; "
        "`kliping rebuild --replace` makes it again from the WARC files\n"
    )


def test_a_database_of_another_program_ends_with_10_and_one_line(
    kliping: Command, database: Path
) -> None:
    with sqlite3.connect(database) as other:
        other.execute("CREATE TABLE song (name TEXT)")
    other.close()

    done = kliping("search", "gempa")

    assert (done.code, len(done.err.splitlines())) == (10, 1)
    assert f"{database} is damaged or not Kliping's: no such table" in done.err


def test_a_database_that_cannot_be_opened_is_not_called_damaged(
    kliping: Command, database: Path
) -> None:
    database.mkdir()

    done = kliping("ledger")

    assert done.code == 10
    assert f"{database} cannot be read: unable to open database file" in done.err
