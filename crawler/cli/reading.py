"""Open the archive for a command that reads it; a bad database is one line."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlmodel import Session

from crawler.config.tree import Config
from crawler.kept.reader import Reader, open_reader
from storage.folder import DATABASE
from storage.sql.engine import is_server


@contextmanager
def reading(config: Config) -> Iterator[tuple[Reader, Session]]:
    """Open the archive, and a session to read its rows.

    Raises:
        UsageError: nothing was ever archived at this place.
        StorageError: the database cannot be read, or is none of Kliping's.
    """
    with open_reader(config) as reader, reader.session() as session:
        yield reader, session


def is_there(config: Config) -> bool:
    """Tell whether there is a database: a server's is taken to be."""
    return is_server(config.storage.database) or database_of(config).exists()


def database_of(config: Config) -> Path:
    """Return the file that the rows are in, where no server has them."""
    named = config.storage.database.removeprefix("sqlite:///")
    return Path(named) if named else config.storage.folder / DATABASE
