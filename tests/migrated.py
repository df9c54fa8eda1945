"""SQLite databases of an archive nobody wrote to yet: migrated once, then copied.

The revisions take a sixth of a second, and hundreds of tests begin with them.
"""

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy.engine import make_url

from storage.folder import DataFolder
from storage.sql.engine import sqlite_url
from storage.sql.migrate import migrate


@cache
def empty_database() -> bytes:
    """Return a database fresh from the migrations."""
    with TemporaryDirectory() as name:
        migrate(sqlite_url(Path(name)))
        return DataFolder(Path(name)).database.read_bytes()


def migrate_copy(url: str) -> None:
    """Migrate a database; where SQLite has none yet, it begins with a copy."""
    address = make_url(url)
    if address.get_backend_name() == "sqlite":
        place = Path(address.database or "")
        if place.parent.is_dir() and not place.exists():
            place.write_bytes(empty_database())
    migrate(url)
