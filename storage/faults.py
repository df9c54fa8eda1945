"""What errors of the database mean for those who wait for a commit."""

import sqlite3

from sqlalchemy.exc import DBAPIError, IntegrityError

from storage.errors import DiskFull, StorageError, WriteFailed
from storage.warc.segment import write_error

_POSTGRES_DISK_FULL = "53100"
#: lock_not_available, deadlock_detected.
_POSTGRES_BUSY = frozenset({"55P03", "40P01"})
#: serialization_failure, and unique_violation: another process wrote the row at once.
_POSTGRES_RACE = _POSTGRES_BUSY | {"40001", "23505"}
#: check_violation: no table of ours has checks, but a partitioned one lacks partitions.
_POSTGRES_NO_PARTITION = "23514"
_SQLITE_BUSY = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})
# After these SQLite has kept nothing; after other failures of COMMIT its frames
# may be in the log, and would count after a crash (SQLite, "WAL-mode File Format").
_SURELY_UNDONE = frozenset({sqlite3.SQLITE_FULL, sqlite3.SQLITE_BUSY})
# SQLITE_ERROR is a table or column that is missing.
_DAMAGED = frozenset({sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB})
_NOT_AS_WE_MADE_IT = _DAMAGED | {sqlite3.SQLITE_ERROR}


def sql_error(error: DBAPIError) -> StorageError:
    """Return the storage error that a failed statement means."""
    kind = DiskFull if is_full(error.orig) else WriteFailed
    return kind(f"database: {error.orig}")


def read_error(error: DBAPIError, database: str) -> StorageError:
    """Return what a statement that failed while only reading means.

    Args:
        error: What was raised.
        database: The file, to be named.
    """
    is_other = _sqlite_code(error.orig) in _NOT_AS_WE_MADE_IT
    how = "is damaged or not Kliping's" if is_other else "cannot be read"
    why = f"the database {database} {how}: {error.orig}"
    if is_damaged(error):
        why += "; `kliping rebuild --replace` makes it again from the WARC files"
    return StorageError(why)


def is_damaged(error: DBAPIError) -> bool:
    """Tell whether SQLite finds a file damaged, or none of its own."""
    return _sqlite_code(error.orig) in _DAMAGED


def work_error(error: BaseException) -> BaseException:
    """Translate what a work raised, where it is the disk's or database's fault."""
    if not isinstance(error, DBAPIError):
        return error
    if isinstance(error, IntegrityError) and not lacks_partition(error):
        return error
    translated = sql_error(error)
    translated.__cause__ = error
    return translated


def batch_error(error: BaseException | None) -> StorageError:
    """Return a new storage error, one for each submitter, of the same meaning."""
    match error:
        case DiskFull() | WriteFailed():
            translated: StorageError = type(error)(str(error))
        case DBAPIError():
            translated = sql_error(error)
        case OSError():
            translated = write_error(error, "commit")
        case _:
            translated = WriteFailed(f"commit: {error!r}")
    translated.__cause__ = error
    return translated


def is_surely_undone(error: BaseException | None) -> bool:
    """Return whether a failed COMMIT certainly kept nothing."""
    return isinstance(error, DBAPIError) and _sqlite_code(error.orig) in _SURELY_UNDONE


def is_passing(error: BaseException | None) -> bool:
    """Return whether what failed and was undone may succeed when it is done again.

    It stood in the way of another process, or the server went away in the middle.
    """
    if not isinstance(error, DBAPIError):
        return False
    state = getattr(error.orig, "sqlstate", None)
    return state in _POSTGRES_RACE or error.connection_invalidated


def lacks_partition(error: BaseException | None) -> bool:
    """Return whether a row has no partition yet that it could stand in."""
    state = getattr(getattr(error, "orig", None), "sqlstate", None)
    return bool(state == _POSTGRES_NO_PARTITION)


def is_full(error: BaseException | None) -> bool:
    """Return whether a driver's error says that there is no room."""
    return (
        _sqlite_code(error) == sqlite3.SQLITE_FULL
        or getattr(error, "sqlstate", None) == _POSTGRES_DISK_FULL
    )


def is_busy(error: BaseException | None) -> bool:
    """Return whether a driver's error says that others kept a lock for too long."""
    return (
        _sqlite_code(error) in _SQLITE_BUSY
        or getattr(error, "sqlstate", None) in _POSTGRES_BUSY
    )


def _sqlite_code(error: BaseException | None) -> int | None:
    """Return SQLite's primary result code, or None from another database."""
    code = getattr(error, "sqlite_errorcode", None)
    return code & 0xFF if isinstance(code, int) else None
