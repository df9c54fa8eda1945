"""Is a database one of Kliping's, whole, and of this version's schema?"""

import sqlite3
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session, col, select

from storage.faults import read_error
from storage.sql.engine import reading_engine
from storage.sql.migrate import HOME
from storage.sql.revision import revision_of
from storage.sql.tables import SegmentRow

#: Steps of SQLite's machine between two looks at whether to go on.
_STEPS = 100_000


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """A WARC file as its row has it; one that is open may be longer by now."""

    state: str
    size: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Soundness:
    """What was found in a database.

    Attributes:
        revision: The schema's.
        newest: The newest schema that this Kliping knows.
        is_known: Whether this Kliping can work with the schema, or bring it on.
        damages: What is wrong, as SQLite says; at most ten.
        is_whole: Whether all of it was looked at.
        segments: The WARC files it knows.
    """

    revision: str
    newest: str
    is_known: bool
    damages: tuple[str, ...]
    is_whole: bool
    segments: Mapping[str, Written]


def look_over(path: Path, is_over: Callable[[], bool]) -> Soundness:
    """Look through an SQLite file that exists; changes nothing.

    Args:
        path: The file.
        is_over: Tells when to stop looking for damage.

    Raises:
        StorageError: it cannot be read, or is none of Kliping's.
    """
    engine = reading_engine(f"sqlite:///{path}")
    try:
        with engine.connect() as connection:
            found = connection.exec_driver_sql(
                "SELECT version_num FROM alembic_version"
            )
            revision = str(found.scalar())
            rows = Session(connection).exec(
                select(SegmentRow).order_by(col(SegmentRow.id))
            )
            segments = {
                row.name: Written(state=row.state, size=row.size or 0) for row in rows
            }
            damages = _damages(connection, is_over)
    except DBAPIError as error:
        raise read_error(error, str(path)) from error
    finally:
        engine.dispose()
    schemas = ScriptDirectory(str(HOME))
    return Soundness(
        revision=revision,
        newest=schemas.get_current_head() or "",
        is_known=revision in {known.revision for known in schemas.walk_revisions()},
        damages=damages or (),
        is_whole=damages is not None,
        segments=segments,
    )


def ask_server(url: str) -> tuple[str, str | None]:
    """Return where a server's database is, without a password, and its revision.

    Raises:
        StorageError: it cannot be read.
    """
    engine = reading_engine(url)
    place = engine.url.render_as_string(hide_password=True)
    try:
        return place, revision_of(engine)
    except DBAPIError as error:
        raise read_error(error, place) from error
    finally:
        engine.dispose()


def _damages(
    connection: Connection, is_over: Callable[[], bool]
) -> tuple[str, ...] | None:
    """Return what `quick_check` finds; None if it was stopped."""
    driver = connection.connection.driver_connection
    assert isinstance(driver, sqlite3.Connection)  # noqa: S101  # of this URL
    driver.set_progress_handler(lambda: int(is_over()), _STEPS)
    try:
        rows = connection.exec_driver_sql("PRAGMA quick_check(10)")
        lines = tuple(str(row[0]) for row in rows)
    except DBAPIError as error:
        if getattr(error.orig, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            return None
        raise
    finally:
        driver.set_progress_handler(None, 0)
    return () if lines == ("ok",) else lines
