"""Which WARC files are meant: files, folders of them, lists of paths, on disk or in a store."""

import gzip
import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from crawler.bulk.orders import Order
from crawler.bulk.shelf import Shelf, Store, shelf_of
from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.errors import UsageError

#: What lists of paths are called, Common Crawl's among them.
_LISTS = (".paths", ".paths.gz")
_WARCS = (".warc", ".warc.gz", ".wacz")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shard:
    """A WARC file of others: its path, or its place in a store."""

    place: str
    store: Store | None = None

    @property
    def name(self) -> str:
        """What it is called."""
        return self.place.rpartition("/")[2]

    @property
    def state(self) -> str:
        """What tells it from another file of its name, as far as is known here."""
        if self.store is not None:
            return f"{self.store.url}/{self.place}"
        try:
            found = Path(self.place).stat()
        except OSError:
            return self.place
        return f"{self.place} {found.st_size} {found.st_mtime_ns}"


def shards_of(named: Sequence[str], base: str | None) -> list[Shard]:
    """Return the WARC files that are meant.

    Args:
        named: Files, folders (the WARC files in and below them), and lists: files
            called `*.paths` or `*.paths.gz`, a path or URL a line.
        base: The folder, or the URL, that paths of lists begin at; None for the
            folder of each list, unless they are absolute.

    Raises:
        UsageError: there is no such file, or none in a folder or list.
    """
    return [shard for name in named for shard in _some(name, base)]


def foreign_orders(
    config: Config, shards: Sequence[Shard], shelf: Shelf | None = None
) -> list[Order]:
    """Return orders to read WARC files of others.

    Args:
        config: The settings.
        shards: The files.
        shelf: Where what is read goes; None for a shelf of just these files.

    Raises:
        OSError: the shelf cannot be made.
    """
    if shelf is None:
        digest = hashlib.sha256("\n".join(one.state for one in shards).encode())
        shelf = shelf_of(config, f"import-{digest.hexdigest()[:12]}")
    shelf.make()
    return [
        Order(
            shard=one.name,
            place=one.place,
            store=one.store,
            state=one.state,
            size=1,
            limits=fetch_limits(config),
            shelf=shelf,
        )
        for one in shards
    ]


def _some(name: str, base: str | None) -> list[Shard]:
    shards = list(_shards(name, base))
    if not shards:
        raise UsageError(f"{name}: names no WARC files ({' or '.join(_WARCS)})")
    return shards


def _shards(name: str, base: str | None) -> Iterator[Shard]:
    path = Path(name)
    if name.endswith(_LISTS):
        yield from (_listed(line, base, path.parent) for line in _lines(path))
    elif path.is_dir():
        found = (one for one in sorted(path.rglob("*")) if one.name.endswith(_WARCS))
        yield from (Shard(place=str(one.resolve())) for one in found if one.is_file())
    elif path.is_file():
        yield Shard(place=str(path.resolve()))
    else:
        raise UsageError(f"{name}: no such file")


def _lines(path: Path) -> list[str]:
    opened = gzip.open if path.suffix == ".gz" else open
    try:
        with opened(path, "rt", encoding="utf-8") as lines:
            stripped = (line.strip() for line in lines)
            return [line for line in stripped if line and not line.startswith("#")]
    except (OSError, EOFError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"{path}: {why}") from error


def _listed(line: str, base: str | None, folder: Path) -> Shard:
    if "://" not in line:
        if base is None:
            return Shard(place=str((folder / line).resolve()))
        line = f"{base.rstrip('/')}/{line.lstrip('/')}"
    parts = urlsplit(line)
    if parts.scheme in {"", "file"}:
        return Shard(place=str(Path(parts.path or line).resolve()))
    root = f"{parts.scheme}://{parts.netloc}"
    store = Store(url=root, allow_http=parts.scheme == "http")
    return Shard(place=parts.path.lstrip("/"), store=store)
