"""`kliping migrate`, and what commands that only read say of an archive before it."""

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from sqlalchemy import create_engine

from storage.folder import DataFolder
from storage.sql.engine import sqlite_url
from storage.sql.migrate import _config, migrate
from storage.sql.revision import newest_revision
from tests.crawler.cli.conftest import Command

OLD = "0019"


def revision(folder: Path) -> str:
    with sqlite3.connect(folder / "kliping.sqlite3") as database:
        (found,) = database.execute(
            "SELECT version_num FROM alembic_version"
        ).fetchone()
    return str(found)


@pytest.fixture
def archive(settings: dict[str, Any]) -> Path:
    """The data folder of an earlier Kliping, without articles."""
    folder = Path(settings["storage"]["folder"])
    DataFolder(folder)
    engine = create_engine(sqlite_url(folder))
    with engine.begin() as connection:
        command.upgrade(_config(connection), OLD)
    engine.dispose()
    return folder


def test_an_archive_of_before_is_migrated(kliping: Command, archive: Path) -> None:
    """It is read again afterwards, and migrating twice changes nothing."""
    refused = kliping("health")
    done, again = kliping("migrate"), kliping("migrate")

    assert refused.code == 10
    assert "run `kliping migrate`" in refused.err
    assert f"migrated from revision {OLD} to {newest_revision()}" in done.err
    assert "already" in again.err
    assert revision(archive) == newest_revision()
    assert kliping("search", "anything").code == 0


def test_an_archive_of_a_later_one_is_refused(kliping: Command, archive: Path) -> None:
    """Neither reading nor migrating touches it."""
    migrate(sqlite_url(archive))
    with sqlite3.connect(archive / "kliping.sqlite3") as database:
        database.execute("UPDATE alembic_version SET version_num = '9999'")

    read, migrated = kliping("search", "anything"), kliping("migrate")

    assert (read.code, migrated.code) == (10, 10)
    assert "at revision 9999" in read.err
    assert "at revision 9999" in migrated.err
    assert revision(archive) == "9999"


def test_nobody_migrates_under_a_service(kliping: Command, archive: Path) -> None:
    """Who has the archive open is named."""
    with DataFolder(archive).lock({"role": "serve"}):
        done = kliping("migrate")

    assert done.code == 10
    assert "in use" in done.err
    assert revision(archive) == OLD


def test_a_new_folder_gets_its_tables(
    kliping: Command, settings: dict[str, Any]
) -> None:
    """There is nothing to come from."""
    done = kliping("migrate")

    assert "from revision none" in done.err
    assert revision(Path(settings["storage"]["folder"])) == newest_revision()


def test_a_file_that_is_no_database_is_told_and_left(
    kliping: Command, settings: dict[str, Any]
) -> None:
    """It is named as damaged, and stays as it is."""
    folder = Path(settings["storage"]["folder"])
    DataFolder(folder)
    (folder / "kliping.sqlite3").write_bytes(b"no database at all, but some words")

    done = kliping("migrate")

    assert done.code == 10
    assert "is damaged or not Kliping's" in done.err
    assert (folder / "kliping.sqlite3").read_bytes().startswith(b"no database")


def test_a_database_that_is_damaged_inside_is_named_with_its_cure(
    kliping: Command, settings: dict[str, Any]
) -> None:
    folder = DataFolder(Path(settings["storage"]["folder"]))
    migrate(sqlite_url(folder.path))
    whole = folder.database.read_bytes()
    folder.database.write_bytes(whole[:4096] + b"\xde\xad" * (len(whole[4096:]) // 2))

    done = kliping("serve", "--once")

    assert done.code == 10
    assert f"the database {folder.database} is damaged" in done.err
    assert "kliping rebuild --replace" in done.err
