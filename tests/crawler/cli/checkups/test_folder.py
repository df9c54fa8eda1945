"""What doctor finds in a data folder."""

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from crawler.cli.checkups.folder import Check, Result, check_folder
from crawler.config.tree import Config
from storage.folder import DataFolder
from storage.sql.engine import sqlite_url
from storage.sql.migrate import migrate
from storage.sql.soundness import look_over
from tests.postgres import Server

NOBODY = 65534


def found_in(folder: Path) -> dict[str, Check]:
    config = Config.model_validate({"storage": {"folder": folder, "disk_floor": 1}})
    return {found.check: found for found in check_folder(config)}


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    """A data folder with an empty database of this version."""
    made = DataFolder(tmp_path / "kept")
    migrate(sqlite_url(made.path))
    return made


@contextmanager
def changed(folder: DataFolder) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(folder.database)
    with connection:
        yield connection
    connection.close()


@contextmanager
def unprivileged() -> Iterator[None]:
    before = os.geteuid()
    os.seteuid(NOBODY if before == 0 else before)
    try:
        yield
    finally:
        os.seteuid(before)


def test_the_floor_of_the_disk_is_told_in_its_unit(folder: DataFolder) -> None:
    storage = {"folder": folder.path, "disk_floor": "10MiB"}
    config = Config.model_validate({"storage": storage})

    (space,) = (one for one in check_folder(config) if one.check == "free space")

    assert space.found.endswith("fetching stops below 10.0 MiB")


def test_a_sound_folder_has_no_fault(folder: DataFolder) -> None:
    found = found_in(folder.path)

    assert {check.result for check in found.values()} == {Result.GOOD}
    assert "schema 0" in found["database"].found
    assert found["warc files"].found == f"all 0 are in {folder.warc}"


def test_a_relative_folder_that_exists_is_not_to_be_made(
    folder: DataFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder.path.parent)

    assert found_in(Path("kept"))["data folder"].found == str(folder.path)


def test_a_folder_that_does_not_exist_is_to_be_made(tmp_path: Path) -> None:
    found = found_in(tmp_path / "a" / "b")

    assert found["data folder"].found.endswith(f"to be made in {tmp_path}")
    assert {check.result for check in found.values()} == {Result.GOOD}


def test_a_file_is_no_data_folder(tmp_path: Path) -> None:
    (tmp_path / "kept").touch()

    found = found_in(tmp_path / "kept")["data folder"]

    assert (found.result, found.found) == (
        Result.BAD,
        f"{tmp_path / 'kept'} is no folder",
    )


def test_a_folder_that_may_not_be_read_is_a_finding(folder: DataFolder) -> None:
    folder.path.chmod(0)
    with unprivileged():
        found = found_in(folder.path)
    folder.path.chmod(0o700)

    assert found["writer"].result is Result.BAD
    assert found["database"].result is Result.BAD
    assert "Permission denied" in found["database"].found


def test_a_missing_warc_file_is_named(folder: DataFolder) -> None:
    with changed(folder) as rows:
        rows.execute(
            "INSERT INTO segment (name, state, opened_at)"
            " VALUES ('lost.warc.gz', 'open', '2026-11-22 12:00:00')"
        )

    found = found_in(folder.path)["warc files"]

    assert found.result is Result.BAD
    assert found.found == f"1 of 1 are not in {folder.warc}: lost.warc.gz"


@pytest.mark.parametrize(
    ("state", "size", "result"),
    [
        ("sealed", 10, Result.GOOD),
        ("sealed", 11, Result.BAD),
        ("sealed", 9, Result.BAD),
        ("open", 9, Result.GOOD),
        ("open", 11, Result.BAD),
    ],
)
def test_a_warc_file_is_as_long_as_it_was_written(
    folder: DataFolder, state: str, size: int, result: Result
) -> None:
    (folder.warc / "a.warc.gz").write_bytes(bytes(10))
    with changed(folder) as rows:
        rows.execute(
            "INSERT INTO segment (name, state, size, opened_at)"
            " VALUES ('a.warc.gz', ?, ?, '2026-11-22 12:00:00')",
            (state, size),
        )

    found = found_in(folder.path)["warc files"]

    assert (found.result, "a.warc.gz" in found.found) == (result, result is Result.BAD)


@pytest.mark.parametrize("loss", ["removed", "emptied"])
def test_a_database_that_is_gone_is_a_finding(folder: DataFolder, loss: str) -> None:
    (folder.warc / "a.warc.gz").write_bytes(bytes(10))
    folder.database.unlink()
    if loss == "emptied":
        folder.database.touch()

    found = found_in(folder.path)["database"]

    assert (found.result, "kliping rebuild" in found.found) == (Result.BAD, True)


@pytest.mark.parametrize(
    ("revision", "result", "said"),
    [
        ("9999", Result.BAD, "is of another Kliping: schema 9999"),
        ("0001", Result.GOOD, "schema 0001"),
    ],
)
def test_the_schema_is_looked_at(
    folder: DataFolder, revision: str, result: Result, said: str
) -> None:
    with changed(folder) as rows:
        rows.execute("UPDATE alembic_version SET version_num = ?", (revision,))

    found = found_in(folder.path)["database"]

    assert (found.result, said in found.found) == (result, True)


def test_a_damaged_index_is_a_finding(folder: DataFolder) -> None:
    with changed(folder) as rows:
        rows.execute("PRAGMA writable_schema=ON")
        rows.execute("UPDATE sqlite_schema SET rootpage = 2 WHERE name = 'capture'")

    found = found_in(folder.path)["database"]

    assert (found.result, "damaged" in found.found) == (Result.BAD, True)


def test_looking_stops_when_its_time_is_over(folder: DataFolder) -> None:
    with changed(folder) as rows:
        rows.execute("CREATE TABLE many (a UNIQUE)")
        rows.execute(
            "INSERT INTO many WITH RECURSIVE n(a) AS"
            " (SELECT 1 UNION ALL SELECT a + 1 FROM n LIMIT 60000) SELECT a FROM n"
        )

    assert look_over(folder.database, lambda: True).is_whole is False
    assert look_over(folder.database, lambda: False).is_whole is True


def shared(folder: Path, database: str) -> dict[str, Check]:
    storage = {"folder": folder, "database": database, "disk_floor": 1}
    checks = check_folder(Config.model_validate({"storage": storage}))
    return {check.check: check for check in checks}


def test_a_server_is_asked(tmp_path: Path, postgres: Server) -> None:
    with postgres.empty() as url:
        named = url.replace("+psycopg", "")
        before = shared(tmp_path, named)["database"]
        migrate(url)
        after = shared(tmp_path, named)

    assert (before.result, after["database"].result) == (Result.GOOD, Result.GOOD)
    assert before.found.endswith("tables to be made")
    assert after["ledger"].found == "all of 0 links are accounted for"


def test_a_server_that_is_not_there_is_a_finding(tmp_path: Path) -> None:
    named = f"postgresql://kliping:word-of-ours@/kliping?host={tmp_path}"

    found = shared(tmp_path, named)["database"]

    assert found.result is Result.BAD
    assert "cannot be read" in found.found
    assert "word-of-ours" not in found.found
