"""The archive, to read: for any number of processes, also while a service runs.

Nothing that fetches or extracts is loaded for it; that would take as long again.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import Engine, make_url
from sqlalchemy.exc import DBAPIError
from sqlmodel import Session

from crawler.config.tree import Config
from crawler.errors import UsageError
from crawler.objects import store_of
from storage.faults import read_error
from storage.folder import DataFolder, node_name
from storage.recovery import refuse_lost
from storage.sql.engine import database_file, database_url, is_server, reading_engine
from storage.sql.revision import refuse_other_revisions


@contextmanager
def reading(engine: Engine) -> Iterator[Session]:
    """Open a session whose failures are StorageErrors."""
    try:
        with Session(engine) as session:
            yield session
    except DBAPIError as error:
        raise read_error(error, str(engine.url.database)) from error


@dataclass(slots=True, kw_only=True, eq=False)
class Reader:
    """The archive, to read; `config` is replaced by a reload and by nothing else."""

    config: Config
    folder: DataFolder
    engine: Engine

    @contextmanager
    def session(self) -> Iterator[Session]:
        """Open a session that cannot write.

        Raises:
            StorageError: the database cannot be read, or is none of Kliping's.
        """
        with reading(self.engine) as session:
            yield session


@contextmanager
def open_reader(config: Config) -> Iterator[Reader]:
    """Open the archive to read; other processes may read and write meanwhile.

    Raises:
        UsageError: nothing was ever archived at this place.
        DatabaseLost: there are WARC files, and no database of theirs.
        SchemaTooOld: an earlier Kliping made the database.
        SchemaTooNew: a later one did.
    """
    path = config.storage.folder
    url = database_url(config.storage.database, path)
    file = database_file(url)
    if file is not None and not (file.exists() or path.exists()):
        raise _nothing_at(path)
    folder = folder_of(config)
    refuse_lost_database(folder, url)
    if file is not None and not file.exists():
        raise _nothing_at(file)
    engine = reading_engine(url)
    try:
        _refuse_other_revisions(engine)
        yield Reader(config=config, folder=folder, engine=engine)
    finally:
        engine.dispose()


def _nothing_at(place: Path) -> UsageError:
    return UsageError(
        f"nothing is archived at {place} yet; start with `kliping serve` "
        "or `kliping fetch --save URL`"
    )


def refuse_lost_database(folder: DataFolder, url: str) -> None:
    """Refuse to read an archive, or to begin one, where only its database is gone.

    Raises:
        DatabaseLost: there are WARC files, and no database of theirs.
        StorageError: the database cannot be read.
    """
    try:
        refuse_lost(folder, url)
    except DBAPIError as error:
        raise read_error(error, str(make_url(url).database)) from error


def _refuse_other_revisions(engine: Engine) -> None:
    try:
        refuse_other_revisions(engine)
    except DBAPIError as error:
        raise read_error(error, str(engine.url.database)) from error


def folder_of(config: Config) -> DataFolder:
    """Return the data folder, and the object store behind it where one is named.

    It has a name of its own where others share its database.

    Raises:
        UsageError: what speaks to object stores is not installed.
        StoreUnreachable: there can be no such store.
    """
    path = config.storage.folder
    is_shared = is_server(config.storage.database)
    node = node_name(path) if is_shared else ""
    return DataFolder(path, store_of(config), node=node)


def database_url_of(config: Config, folder: DataFolder) -> str:
    """Return the URL of the archive's database."""
    return database_url(config.storage.database, folder.path)
