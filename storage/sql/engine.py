"""Database engines: one writing connection, many readers.

SQLite runs in WAL with `synchronous=FULL`: a capture is acknowledged only after
its commit is on disk. Every writing transaction starts with BEGIN IMMEDIATE; a
deferred one that has to upgrade fails at once under contention, whatever the
busy timeout (SQLite documentation, "Transaction", 2.2).

PostgreSQL is reached through psycopg 3. Many processes write there, each over one
connection of its own, with `synchronous_commit` on; who waits for a row that another
keeps gives up in the end.
"""

import logging
import os
import sqlite3
import time
from collections.abc import Sequence
from contextlib import suppress
from itertools import count
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Dialect, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import OperationalError
from sqlalchemy.pool import ConnectionPoolEntry

log = logging.getLogger(__name__)

BUSY_TIMEOUT_MS = 10_000
#: As of WARC files: for the owner, and for a group where the folder lets it in.
_FILE_MODE = 0o640
_OPTIONS = (
    f"-c lock_timeout={BUSY_TIMEOUT_MS} -c timezone=UTC -c application_name=kliping"
)
LOG_BYTES = 64 * 1024 * 1024
"""The write-ahead log grows while someone reads long; later it is cut to this."""
#: A commit is on disk when it returns, whatever the server's own setting is.
_DURABLE = "-c synchronous_commit=on"

#: How long a server that does not answer is waited for, and the pause between, s.
_PATIENCE_SECONDS = 30.0
_PAUSE_SECONDS = 0.5
#: PQTRANS_INERROR (libpq, PQtransactionStatus): in a transaction that failed.
_INERROR = 3


def sqlite_url(folder: Path) -> str:
    """Return the URL of the embedded database in a data folder."""
    return f"sqlite:///{folder / 'kliping.sqlite3'}"


def connected(engine: Engine) -> Connection:
    """Return a connection; a server that does not answer is waited for.

    Raises:
        OperationalError: It did not answer for half a minute, or refuses; or a file
            cannot be opened.
    """
    began = time.monotonic()
    for turn in count():
        try:
            return engine.connect()
        except OperationalError as error:
            waited = time.monotonic() - began
            is_file = engine.dialect.name == "sqlite"
            if is_file or _refuses(error) or waited > _PATIENCE_SECONDS:
                raise
            if turn == 0:
                log.warning("the database does not answer; waiting")
            time.sleep(_PAUSE_SECONDS)
    raise AssertionError  # turns do not end


def _refuses(error: OperationalError) -> bool:
    """Tell a server that will have none of us: a wrong password, no such database."""
    return "authentication failed" in str(error) or "does not exist" in str(error)


def is_taken_back(connection: Connection) -> bool:
    """Ask the driver whether the database undid what a transaction did so far.

    SQLite drops a transaction whole when it is full; PostgreSQL takes no more statements.
    """
    driver: Any = connection.connection.dbapi_connection
    if connection.dialect.name == "sqlite":
        return not driver.in_transaction
    return bool(driver.info.transaction_status == _INERROR)


def database_file(url: str) -> Path | None:
    """Return the file that a database's URL names; None for a server."""
    place = make_url(url)
    is_file = place.get_backend_name() == "sqlite" and place.database
    return Path(str(place.database)) if is_file else None


def is_server(named: str) -> bool:
    """Tell whether settings name a server, which many processes may share."""
    return named.startswith("postgres")


def database_url(named: str, folder: Path) -> str:
    """Return the URL of the database that settings name, for SQLAlchemy.

    Args:
        named: `storage.database`: nothing, `sqlite:///FILE`, or a URI of libpq
            (`postgresql://`, PostgreSQL documentation, 34.1.1.2).
        folder: The data folder, where it is when none is named.
    """
    if not named:
        return sqlite_url(folder)
    scheme, _, place = named.partition("://")
    return named if scheme == "sqlite" else f"postgresql+psycopg://{place}"


def writing_engine(url: str) -> Engine:
    """Return the engine of the one writing connection."""
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            pool_size=1,
            max_overflow=0,
            pool_pre_ping=True,
            connect_args={"options": f"{_OPTIONS} {_DURABLE}"},
        )
    engine = create_engine(
        url, pool_size=1, max_overflow=0, connect_args={"check_same_thread": False}
    )
    event.listen(engine, "do_connect", _make_file)
    event.listen(engine, "connect", _prepare_writer)
    event.listen(engine, "begin", _begin_immediate)
    return engine


def reading_engine(url: str) -> Engine:
    """Return an engine whose connections cannot write."""
    if not url.startswith("sqlite"):
        return create_engine(
            url,
            pool_pre_ping=True,
            connect_args={"options": _OPTIONS},
            execution_options={"postgresql_readonly": True},
        )
    engine = create_engine(url, connect_args={"check_same_thread": False})
    event.listen(engine, "connect", _prepare_reader)
    return engine


def make_private(file: Path) -> None:
    """Make an empty file for a database that is not for all to read, if there is none.

    SQLite would make one that is, and the files beside it get its mode. What stands in
    the way SQLite says better.
    """
    with suppress(OSError):
        os.close(os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, _FILE_MODE))


def _make_file(
    _dialect: Dialect, _entry: ConnectionPoolEntry, given: Sequence[str], _named: object
) -> None:
    make_private(Path(given[0]))


def _prepare_writer(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
    _pragmas(
        connection,
        "journal_mode=WAL",
        "synchronous=FULL",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "foreign_keys=ON",
        f"journal_size_limit={LOG_BYTES}",
        "cache_size=-4096",
        "temp_store=MEMORY",
    )


def _prepare_reader(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    _pragmas(
        connection,
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        "query_only=ON",
        "cache_size=-1024",
    )


def _pragmas(connection: DBAPIConnection, *settings: str) -> None:
    cursor = connection.cursor()
    for setting in settings:
        cursor.execute(f"PRAGMA {setting}")
    cursor.close()


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
