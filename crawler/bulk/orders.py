"""What a shard's reader is told: which WARC file, what of it, and where the result goes.

An order is plain values, so that it can be sent to any process. The name of the file
that comes of it says what it was made of.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pydantic import TypeAdapter

from crawler.bulk.shelf import Shelf, Store
from crawler.extract.article import EXTRACTOR
from crawler.fetch.limits import Limits


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A shard that is to be read.

    Attributes:
        shard: What its WARC file is called.
        place: Of an archive's own file the data folder; else the path of the file, or
            its place in the store.
        store: Where the file is if it is not on this machine.
        pages: The list of pages to be read, on the shelf (`crawler.bulk.pages`); None
            for every page of HTML in a file of others.
        state: What tells the file, or the list, from another of that name.
        size: How much there is to do, pages or bytes: to be compared with other shards.
        limits: What a page may grow to.
        shelf: Where the list is, and where the readings go.
    """

    shard: str
    place: str
    store: Store | None = None
    pages: str | None = None
    state: str = ""
    size: int = 0
    limits: Limits
    shelf: Shelf

    @property
    def file(self) -> str:
        """The name of the Parquet file that comes of it."""
        said = (EXTRACTOR, self.shard, self.state, str(self.limits))
        digest = hashlib.sha256("\n".join(said).encode()).hexdigest()[:12]
        stem = self.shard.removesuffix(".gz").removesuffix(".warc")
        return f"{stem}-{digest}.parquet"


_ORDER = TypeAdapter(Order)


def order_document(order: Order) -> dict[str, Any]:
    """Return an order as JSON values."""
    document: dict[str, Any] = _ORDER.dump_python(order, mode="json")
    return document


def read_order(document: Mapping[str, Any]) -> Order:
    """Return the order that a document was made of."""
    return _ORDER.validate_python(document)
