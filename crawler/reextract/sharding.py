"""A run's pages by the WARC files that hold them: read there by others, then compared here.

The lists are written once, with what is known then, so that every worker reads alike and
an interrupted run goes on with the same. What no shard has (an open file elsewhere, an
article of many pages, a shard that could not be read) is read here, as without shards.
"""

import hashlib
import threading
from collections import OrderedDict, defaultdict
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Self

from pydantic import TypeAdapter

from crawler.bulk.orders import Order
from crawler.bulk.pages import Page, pack, page_line, site_line
from crawler.bulk.readings import Readings, key_of
from crawler.bulk.shelf import Shelf, shelf_of, store_of
from crawler.config.limits import fetch_limits
from crawler.kept.reader import Reader
from crawler.knowledge import site_of
from crawler.reading.page import prior_of
from crawler.reextract.gathering import Gatherer, Kept
from crawler.reextract.running import pages_after, versions_after
from crawler.reextract.shadow import Shadow
from storage.model.extraction import Extraction
from storage.sql.tables import CaptureRow

#: The shelf's list of what was ordered; it comes last.
_ORDERS = "orders.json"
_LIST = TypeAdapter(list[Order])
#: Files of readings that are open at a time.
_OPEN = 8


def orders_of(reader: Reader, shadow: Shadow) -> list[Order]:
    """Return a run's shards; their lists are on the shelf, and were made once.

    Raises:
        OSError, StorageError: they cannot be written.
    """
    shelf = shelf_of(reader.config, shadow.name)
    shelf.make()
    if _ORDERS in shelf.names():
        with shelf.open(_ORDERS) as file:
            return _LIST.validate_json(file.read())
    with TemporaryDirectory(dir=reader.folder.path, prefix=".bulk-") as folder:
        lists = _Lists(Path(folder))
        gatherer = Gatherer(reader)
        version, capture, _ = shadow.resume()
        for batch in versions_after(reader, shadow.scope.within, version):
            lists.add(gatherer.versions(batch))
        for batch in pages_after(reader, shadow.scope.within, capture):
            lists.add(gatherer.pages(batch))
        orders = [_ordered(reader, shelf, *one) for one in lists.ended()]
    with shelf.new(_ORDERS) as path:
        path.write_bytes(_LIST.dump_json(orders))
    return orders


def _ordered(
    reader: Reader, shelf: Shelf, segment: str, plain: Path, pages: int
) -> Order:
    """Put a list on the shelf; return the order to read it."""
    name = f"{segment}.pages"
    with shelf.new(name) as path:
        pack(plain, path)
    return Order(
        shard=segment,
        place=str(reader.folder.path.resolve()),
        store=store_of(reader.config),
        pages=name,
        state=_digest(plain),
        size=pages,
        limits=fetch_limits(reader.config),
        shelf=shelf,
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


class _Lists:
    """The lists that are being written, one for each WARC file."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._pages: defaultdict[str, int] = defaultdict(int)
        self._sites: defaultdict[str, dict[object, int]] = defaultdict(dict)

    def add(self, kept: Sequence[Kept]) -> None:
        """Enter pages."""
        lines: defaultdict[str, list[bytes]] = defaultdict(list)
        for one in kept:
            lines[one.capture.segment] += self._lines(one)
        for segment, some in lines.items():
            with (self._folder / segment).open("ab") as file:
                file.writelines(some)

    def _lines(self, kept: Kept) -> Iterator[bytes]:
        row, known = kept.capture, kept.known
        sites = self._sites[row.segment]
        site = site_of(row.url), kept.plan.language
        if site not in sites:
            sites[site] = len(sites)
            yield site_line(sites[site], known.host)
        prior = prior_of(kept.link, row.fetched_at.date(), kept.plan, known)
        self._pages[row.segment] += 1
        yield page_line(Page(row=row, prior=prior), sites[site])

    def ended(self) -> Iterator[tuple[str, Path, int]]:
        """Yield each WARC file with its list, and how many pages are on it."""
        for segment, pages in sorted(self._pages.items()):
            yield segment, self._folder / segment, pages


class ShardReadings:
    """What shards were read as, by captures; safe to share between threads.

    A context, for it opens files.
    """

    def __init__(self, orders: Sequence[Order]) -> None:
        """Look into the files of shards that were read."""
        self._orders = {order.shard: order for order in orders}
        self._open: OrderedDict[str, tuple[Readings, ExitStack]] = OrderedDict()
        self._lock = threading.Lock()

    def __enter__(self) -> Self:
        """Return it; nothing is opened yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Close what was opened."""
        for _readings, stack in self._open.values():
            stack.close()

    def find(self, row: CaptureRow) -> Extraction | None:
        """Return what a capture was read as; None where no shard says."""
        order = self._orders.get(row.segment)
        if order is None:
            return None
        key = key_of(row.url, row.fetched_at, row.payload_sha256)
        with self._lock:
            return self._readings(order).find(key)

    def _readings(self, order: Order) -> Readings:
        if order.shard not in self._open:
            stack = ExitStack()
            file = stack.enter_context(order.shelf.open(order.file))
            self._open[order.shard] = Readings(file), stack
        self._open.move_to_end(order.shard)
        while len(self._open) > _OPEN:
            _, (_gone, stack) = self._open.popitem(last=False)
            stack.close()
        return self._open[order.shard][0]
