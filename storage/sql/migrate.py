"""Bring a database to the schema of this Kliping.

The schema is `tables.py` plus the full-text index, which revision 0001 makes on
SQLite. A migration is one transaction: it runs whole or not at all. A new
revision is written by `python -m storage.sql.migrations "What it does"`.
"""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, event
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError, SAWarning
from sqlalchemy.pool import ConnectionPoolEntry

from storage.errors import SchemaTooNew, StorageError
from storage.faults import is_damaged, read_error
from storage.sql.engine import connected, database_file, writing_engine
from storage.sql.partitions import is_partition, keep_partitions
from storage.sql.revision import refuse_unfinished
from storage.sql.tables import ArticleRow

#: The key of the advisory lock of who migrates.
_MIGRATING = 0x6B6C6970
HOME = Path(__file__).parent / "migrations"


def _ours(name: str | None, kind: str, _parents: object) -> bool:
    is_other = (name or "").startswith("search_index") or is_partition(name or "")
    return kind != "table" or not is_other


def _whole(thing: Any, _name: object, kind: str, *_: object) -> bool:  # noqa: ANN401  # of any kind
    """Pass over references to partitions, which PostgreSQL makes of those to tables."""
    if kind != "foreign_key_constraint":
        return True
    return not any(
        is_partition(one.target_fullname.split(".")[0]) for one in thing.elements
    )


COMPARISON: dict[str, Any] = {
    "target_metadata": ArticleRow.metadata,
    "render_as_batch": True,
    "transactional_ddl": True,
    "include_name": _ours,
    "include_object": _whole,
}


def migrate(url: str) -> None:
    """Create the schema, or bring an older one to this version's.

    Raises:
        SchemaTooNew: A newer Kliping made it; nothing was changed.
        StorageError: The database cannot be opened or migrated.
    """
    with _connected(url) as connection:
        _wait_for_others(connection)
        _refuse_newer(connection)
        command.upgrade(_config(connection), "head")
        _check_references(connection)
    keep_partitions(url)


def differences(url: str) -> list[Any]:
    """Return what tables.py has and the database lacks, or the reverse."""
    with _connected(url) as connection, _without_expressions():
        context = MigrationContext.configure(connection, opts=COMPARISON)
        return list(compare_metadata(context, ArticleRow.metadata))


@contextmanager
def _without_expressions() -> Iterator[None]:
    """Compare no indexes of expressions on SQLite: SQLAlchemy cannot read them there."""
    with warnings.catch_warnings():
        for told in (SAWarning, UserWarning):
            warnings.filterwarnings("ignore", ".*expression-based index", told)
        yield


def write_revision(scratch_url: str, message: str) -> Path:
    """Write the revision that makes the migrations equal to tables.py.

    Args:
        scratch_url: An empty database, to compare with.
        message: What the revision does, in the imperative.
    """
    migrate(scratch_url)
    with _connected(scratch_url) as connection, _without_expressions():
        config = _config(connection)
        head = ScriptDirectory.from_config(config).get_current_head() or "0"
        script = command.revision(
            config, message, autogenerate=True, rev_id=f"{int(head) + 1:04}"
        )
    if script is None or isinstance(script, list):
        raise StorageError("Alembic wrote no single revision")
    return Path(script.path)


@contextmanager
def _connected(url: str) -> Iterator[Connection]:
    engine = writing_engine(url)
    if engine.dialect.name == "sqlite":
        event.listen(engine, "connect", drop_foreign_keys)
    try:
        with connected(engine) as connection, connection.begin():
            yield connection
    except DBAPIError as error:
        if is_damaged(error):
            raise read_error(error, str(database_file(url))) from error
        raise StorageError(f"cannot migrate: {error.orig}") from error
    finally:
        engine.dispose()


def _wait_for_others(connection: Connection) -> None:
    """Let one process migrate at a time; the next finds it done."""
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET LOCAL lock_timeout = 0")
        connection.exec_driver_sql(f"SELECT pg_advisory_xact_lock({_MIGRATING})")


def drop_foreign_keys(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
    """Let batch operations rebuild a table that others refer to.

    With the pragma on, dropping the old table would delete its rows first and
    so break the references (SQLite documentation, "ALTER TABLE", section 7).
    """
    cursor = connection.cursor()
    cursor.execute("PRAGMA foreign_keys=OFF")
    cursor.close()


def _config(connection: Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HOME).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _refuse_newer(connection: Connection) -> None:
    known = {
        script.revision
        for script in ScriptDirectory.from_config(_config(connection)).walk_revisions()
    }
    found = set(MigrationContext.configure(connection).get_current_heads())
    for revision in found:
        refuse_unfinished(revision)
    if not found <= known:
        raise SchemaTooNew(
            f"the database is at revision {', '.join(sorted(found - known))}; "
            f"this Kliping knows up to {max(known)}"
        )


def _check_references(connection: Connection) -> None:
    if connection.dialect.name != "sqlite":
        return
    broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
    if broken is not None:
        raise StorageError(f"a migration left table {broken[0]} with lost references")
