"""Where the files of a bulk run lie: a folder, or an object store that all can reach.

A file is there only when it is whole. Its name says all that it was made of, so whoever
finds it need not make it again.
"""

import os
import shutil
import tempfile
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from crawler.config.tree import Config
from crawler.errors import UsageError

if TYPE_CHECKING:
    from storage.objects import Objects


@dataclass(frozen=True, slots=True, kw_only=True)
class Store:
    """An object store, as `storage.objects.Objects` is told of one."""

    url: str
    endpoint: str | None = None
    allow_http: bool = False

    def open(self) -> "Objects":
        """Return it; who we are there is told by the environment.

        Raises:
            UsageError: what speaks to object stores is not installed.
            StoreUnreachable: there can be no such store.
        """
        try:
            from storage.objects import Objects
        except ImportError as error:
            raise UsageError(
                "object stores need obstore: pip install 'kliping[objects]'"
            ) from error
        return Objects(self.url, endpoint=self.endpoint, allow_http=self.allow_http)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    """A run's folder, or its prefix in a store.

    Attributes:
        place: The folder's path; in a store, the prefix.
        store: The store, None for a folder.
    """

    place: str
    store: Store | None = None

    def make(self) -> None:
        """Make the folder; nothing is put into one that is gone."""
        if self.store is None:
            Path(self.place).mkdir(mode=0o700, parents=True, exist_ok=True)

    def names(self) -> set[str]:
        """Return the names of what is there."""
        if self.store is not None:
            return set(self.store.open().names(self.place))
        folder = Path(self.place)
        found = folder.iterdir() if folder.is_dir() else iter(())
        return {path.name for path in found if not path.name.startswith(".")}

    @contextmanager
    def new(self, name: str) -> Iterator[Path]:
        """Give a path to write to; it is in its place once the context ends well."""
        if self.store is not None:
            with tempfile.TemporaryDirectory(prefix="kliping-") as folder:
                path = Path(folder) / name
                yield path
                self.store.open().put_new(f"{self.place}/{name}", path)
            return
        path = Path(self.place) / f".{uuid.uuid4().hex}.part"
        try:
            yield path
            _sync(path)
            path.rename(path.with_name(name))
        finally:
            path.unlink(missing_ok=True)

    def open(self, name: str) -> BinaryIO:
        """Open a file to read.

        Raises:
            FileNotFoundError: it is not there.
        """
        if self.store is not None:
            return self.store.open().open(f"{self.place}/{name}")
        return (Path(self.place) / name).open("rb")

    def remove(self, name: str) -> None:
        """Remove a file, if it is there."""
        if self.store is not None:
            self.store.open().forget(f"{self.place}/{name}")
        else:
            (Path(self.place) / name).unlink(missing_ok=True)

    def clear(self) -> None:
        """Remove all that is there.

        Raises:
            StoreRefused: the store keeps something that it does not let go.
        """
        if self.store is not None:
            self.store.open().clear(self.place)
        else:
            shutil.rmtree(self.place, ignore_errors=True)


def shelf_of(config: Config, run: str) -> Shelf:
    """Return where the files of a run lie: in the object store, where there is one."""
    store = store_of(config)
    if store is not None:
        return Shelf(place=f"bulk/{run}", store=store)
    return Shelf(place=str(config.storage.folder.resolve() / "bulk" / run))


def store_of(config: Config) -> Store | None:
    """Return the object store that the settings name, None where they name none."""
    storage = config.storage
    if not storage.objects:
        return None
    return Store(
        url=storage.objects,
        endpoint=storage.objects_endpoint,
        allow_http=storage.objects_allow_http,
    )


def _sync(path: Path) -> None:
    with path.open("rb") as file:
        os.fsync(file.fileno())
