"""Open the archive for a command that reads it; a bad database is one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import Session

from crawler.config import Config
from crawler.service import Reader, open_reader
from storage.folder import DATABASE


@contextmanager
def reading(config: Config) -> Iterator[tuple[Reader, Session]]:
    """Open the archive, and a session to read its rows.

    Raises:
        UsageError: nothing was ever archived at this place.
        StorageError: the database cannot be read, or is none of Kliping's.
    """
    with open_reader(config) as reader, reader.session() as session:
        yield reader, session


def database_of(config: Config) -> Path:
    """Return the file that the rows are in."""
    named = config.storage.database.removeprefix("sqlite:///")
    return Path(named) if named else config.storage.folder / DATABASE
