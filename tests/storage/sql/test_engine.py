from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy.exc import OperationalError

from storage.sql import engine
from storage.sql.engine import connected, reading_engine, sqlite_url, writing_engine
from tests.postgres import Server, serving

LIMIT = 64 * 1024


def test_the_log_is_cut_when_a_long_reading_is_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engine, "LOG_BYTES", LIMIT)
    log = tmp_path / "kliping.sqlite3-wal"
    writing, reading = (
        make(sqlite_url(tmp_path)) for make in (writing_engine, reading_engine)
    )
    with writing.connect() as writer, reading.connect() as reader:

        def write(rows: int) -> None:
            for _ in range(rows):
                with writer.begin():
                    writer.exec_driver_sql("INSERT INTO t VALUES (randomblob(100000))")

        with writer.begin():
            writer.exec_driver_sql("CREATE TABLE t (x)")
        write(2)
        rows = reader.exec_driver_sql("SELECT x FROM t")
        rows.fetchone()
        write(100)
        grown = log.stat().st_size
        rows.close()
        write(50)  # the next checkpoint is whole, and the log starts anew
        shrunk = log.stat().st_size
    writing.dispose()
    reading.dispose()

    assert grown > 100 * 100_000
    assert shrunk < grown / 2


def test_a_server_that_starts_again_is_waited_for() -> None:
    refused = 0
    with serving() as server, server.migrated() as url, ThreadPoolExecutor(1) as other:
        restarting = other.submit(server.restart)
        while not restarting.done():
            fresh = writing_engine(url)
            try:
                fresh.connect().close()
            except OperationalError:
                refused += 1
                connected(fresh).close()
            fresh.dispose()

    assert refused


def test_a_server_without_the_database_is_not(postgres: Server) -> None:
    with postgres.migrated() as url:
        missing = writing_engine(url.replace("/postgres?", "/none?"))
        with pytest.raises(OperationalError, match="does not exist"):
            connected(missing)
        missing.dispose()


def test_a_new_database_is_not_for_all_to_read(tmp_path: Path) -> None:
    writing = writing_engine(sqlite_url(tmp_path))
    with writing.connect() as writer, writer.begin():
        writer.exec_driver_sql("CREATE TABLE t (x)")
        modes = {path.name: path.stat().st_mode & 0o007 for path in tmp_path.iterdir()}
    writing.dispose()

    assert modes == {
        "kliping.sqlite3": 0,
        "kliping.sqlite3-shm": 0,
        "kliping.sqlite3-wal": 0,
    }
