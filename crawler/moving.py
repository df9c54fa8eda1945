"""Move an archive's rows between databases, while nobody writes them."""

from contextlib import ExitStack
from pathlib import Path

from crawler.config.tree import Config
from crawler.errors import UsageError
from storage.errors import ArchiveBusy
from storage.folder import DATABASE, DataFolder, read_holder
from storage.sql.copying import Compared, Progress, copy_archive, driver_url

_FILE = "sqlite:///"


def move(
    config: Config, source: str | None, target: str, progress: Progress
) -> list[Compared]:
    """Copy the rows of a database into another; return all tables, compared.

    Args:
        config: The settings: the data folder is held meanwhile.
        source: The URL to copy from; None for the archive's own.
        target: The URL to copy into.
        progress: Told how far it is.

    Raises:
        UsageError: there is no such database, or both are the same.
        ArchiveBusy: a process has the archive open.
        WrongCopy: it is no archive, or the target is not empty.
        StorageError: a database cannot be read or written.
    """
    storage = config.storage
    own = storage.database or f"{_FILE}{storage.folder / DATABASE}"
    of, into = driver_url(source or own), driver_url(target)
    if of == into:
        raise UsageError("--from and --to are the same database")
    file = _file_of(of)
    if file is not None and not file.exists():
        raise UsageError(f"there is no database at {file}")
    with ExitStack() as held:
        if storage.folder.is_dir():
            folder = DataFolder(storage.folder)
            held.enter_context(folder.lock({"verb": "migrate"}))
        for place in map(_file_of, (of, into)):
            _refuse_held(place, storage.folder)
        return copy_archive(of, into, progress)


def _file_of(url: str) -> Path | None:
    return Path(url.removeprefix(_FILE)) if url.startswith(_FILE) else None


def _refuse_held(file: Path | None, ours: Path) -> None:
    """Refuse a database in another data folder that a process has open."""
    if file is None or file.parent.absolute() == ours.absolute():
        return
    holder = read_holder(file.parent)
    if holder is not None:
        raise ArchiveBusy(file.parent, f"process {holder.get('pid', 'unknown')}")
