"""Rewrite the database, so that nothing deleted is left in free pages or the log.

FTS5 keeps deleted terms until its segments are merged, SQLite deleted rows until their
page is used again. Both are written anew, which costs as much as all that stays: so it
is done once for a takedown, not for each article.
"""

import sqlite3
import time

from sqlalchemy import PoolProxiedConnection

from storage.errors import DiskFull, StorageError
from storage.failpoints import reach
from storage.sql.engine import BUSY_TIMEOUT_MS

_TRIES = 8
_PAUSE_SECONDS = 0.25


def scrub(connection: PoolProxiedConnection) -> None:
    """Rewrite an SQLite database and empty its log; another one is the operator's.

    Needs as much room again as the database has, in its folder and its log.

    Raises:
        DiskFull: There is no room.
        StorageError: Somebody reads an old state for too long, or it cannot be done.
    """
    driver = connection.driver_connection
    if not isinstance(driver, sqlite3.Connection):
        return
    reach("before_scrub")
    try:
        _empty_log(driver)  # before the work: whoever reads an old state prevents it
        driver.execute("INSERT INTO search_index(search_index) VALUES ('optimize')")
        driver.execute("PRAGMA temp_store=FILE")
        driver.execute("VACUUM")
        driver.execute("PRAGMA temp_store=MEMORY")
        _empty_log(driver)
    except sqlite3.Error as error:
        kind = DiskFull if "full" in str(error) else StorageError
        raise kind(f"the database cannot be rewritten: {error}") from error
    reach("after_scrub")


def _empty_log(driver: sqlite3.Connection) -> None:
    driver.execute("PRAGMA busy_timeout=0")
    try:
        for _ in range(_TRIES):
            if not driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]:
                return
            time.sleep(_PAUSE_SECONDS)
    finally:
        driver.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
    raise StorageError("the database's log is still read; it is emptied later")
