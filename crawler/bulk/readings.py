"""What the pages of a shard were read as: a Parquet file, a row a page, in their order.

The columns are for whoever reads the file by itself; `extraction` has all of it, for who
puts it into an archive. docs/bulk.md has what each column means.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from functools import cached_property
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from crawler.errors import UsageError
from crawler.extract.children.wire import decode_extraction, encode_extraction
from crawler.render import stated
from storage.model.article import Article
from storage.model.extraction import Extraction

if TYPE_CHECKING:
    import pyarrow as pa

#: Of what type each column is: text, texts, number, time, bytes.
COLUMNS = {
    "key": "text",
    "url": "text",
    "captured_at": "time",
    "status": "number",
    "record_id": "text",
    "warc_file": "text",
    "warc_offset": "number",
    "payload_sha256": "text",
    "failed": "text",
    "verdict": "text",
    "evidence": "texts",
    "extractor": "text",
    "canonical": "text",
    "title": "text",
    "authors": "texts",
    "published": "text",
    "modified": "text",
    "language": "text",
    "site": "text",
    "section": "text",
    "tags": "texts",
    "description": "text",
    "image": "text",
    "text": "text",
    "marks": "texts",
    "extraction": "bytes",
}
#: Rows of a row group: what has to be read for one of them.
_GROUP = 64
#: Under which name the file's metadata tell of damage.
_DAMAGE = "kliping.damage"


@dataclass(frozen=True, slots=True, kw_only=True)
class PageRead:
    """A page, and what it was read as.

    Attributes:
        url: Its URL.
        captured_at: When it was received, UTC.
        payload_sha256: Of its body with all codings removed, hex.
        status: The answer's.
        record_id: Its WARC record.
        warc_file: The WARC file.
        warc_offset: Where the record begins there, None where that is not told.
        extraction: What it was read as, None where it could not be.
        failed: Why it could not be read.
    """

    url: str
    captured_at: datetime
    payload_sha256: str
    status: int
    record_id: str | None
    warc_file: str
    warc_offset: int | None
    extraction: Extraction | None = None
    failed: str | None = None


@dataclass(slots=True, kw_only=True)
class Damage:
    """Places of a WARC file that cannot be read: how many, and what is the first."""

    places: int = 0
    first: str = ""

    def note(self, place: str) -> None:
        """Note one more."""
        self.places += 1
        self.first = self.first or place


def key_of(url: str, captured_at: datetime, payload_sha256: str) -> str:
    """Return by what a capture is known: its URL, time and body; as hex digits."""
    at = captured_at.astimezone(UTC).isoformat(timespec="microseconds")
    return sha256(f"{url}\n{at}\n{payload_sha256}".encode()).hexdigest()[:32]


class Writing:
    """A file of readings that is being written."""

    def __init__(self, file: Any, schema: "pa.Schema") -> None:  # noqa: ANN401  # pyarrow's
        """Write rows of a schema to an open file of pyarrow's."""
        self._file, self._schema = file, schema
        self.damage = Damage()
        self._rows: list[dict[str, Any]] = []

    def add(self, pages: Sequence[PageRead]) -> None:
        """Add pages behind those that are there."""
        self._rows += map(_row, pages)
        while len(self._rows) >= _GROUP:
            self._write(self._rows[:_GROUP])
            del self._rows[:_GROUP]

    def end(self) -> None:
        """Write what is left, and beside the rows what damage was noted."""
        if self._rows:
            self._write(self._rows)
        if self.damage.places:
            told = json.dumps(asdict(self.damage))
            self._file.add_key_value_metadata({_DAMAGE: told})

    def _write(self, rows: list[dict[str, Any]]) -> None:
        import pyarrow as pa

        self._file.write_table(pa.Table.from_pylist(rows, self._schema))


@contextmanager
def writing(path: Path) -> Iterator[Writing]:
    """Write a file of readings; it is whole once the context ends well.

    Raises:
        UsageError: pyarrow is not installed.
    """
    arrow, parquet = _arrow()
    types = {
        "text": arrow.string(),
        "texts": arrow.list_(arrow.string()),
        "number": arrow.int64(),
        "time": arrow.timestamp("us", tz="UTC"),
        "bytes": arrow.binary(),
    }
    schema = arrow.schema([(name, types[kind]) for name, kind in COLUMNS.items()])
    with parquet.ParquetWriter(path, schema, compression="zstd") as file:
        written = Writing(file, schema)
        yield written
        written.end()


class Readings:
    """A file of readings; only what is asked for is read of it."""

    def __init__(self, file: BinaryIO) -> None:
        """Read of an open file; to be closed by who opened it.

        Raises:
            UsageError: pyarrow is not installed.
        """
        _, parquet = _arrow()
        self._file = parquet.ParquetFile(file)
        self._group: tuple[int, list[bytes | None]] = (-1, [])

    @property
    def pages(self) -> int:
        """How many pages there are."""
        return int(self._file.metadata.num_rows)

    @cached_property
    def failed(self) -> int:
        """How many of them could not be read."""
        column = self._file.read(columns=["failed"]).column("failed")
        return int(len(column) - column.null_count)

    @cached_property
    def damage(self) -> Damage:
        """What damage of the WARC file was noted."""
        said = (self._file.metadata.metadata or {}).get(_DAMAGE.encode())
        return Damage(**json.loads(said)) if said else Damage()

    @cached_property
    def _places(self) -> dict[str, int]:
        keys = self._file.read(columns=["key"]).column("key").to_pylist()
        return {key: place for place, key in enumerate(keys)}

    def find(self, key: str) -> Extraction | None:
        """Return what a page was read as; None where it is not here, or was not read."""
        place = self._places.get(key)
        if place is None:
            return None
        number, row = divmod(place, _GROUP)
        if number != self._group[0]:
            table = self._file.read_row_group(number, columns=["extraction"])
            self._group = number, table.column("extraction").to_pylist()
        found = self._group[1][row]
        return decode_extraction(found) if found is not None else None


def _arrow() -> tuple[Any, Any]:
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow: pip install 'kliping[parquet]'"
        ) from error
    return pa, parquet


def _row(page: PageRead) -> dict[str, Any]:
    extraction = page.extraction
    row: dict[str, Any] = {
        "key": key_of(page.url, page.captured_at, page.payload_sha256),
        "url": page.url,
        "captured_at": page.captured_at,
        "status": page.status,
        "record_id": page.record_id,
        "warc_file": page.warc_file,
        "warc_offset": page.warc_offset,
        "payload_sha256": page.payload_sha256,
        "failed": page.failed,
    }
    if extraction is not None:
        row |= {
            "verdict": str(extraction.verdict.kind),
            "evidence": list(extraction.verdict.evidence),
            "extractor": extraction.extractor,
            "extraction": encode_extraction(extraction),
        }
    if extraction is not None and extraction.article is not None:
        row |= _fields(extraction.article)
    return {name: _clean(value) for name, value in row.items()}


def _fields(article: Article) -> dict[str, Any]:
    return {
        "canonical": article.url,
        "title": article.title,
        "authors": list(article.authors),
        "published": stated(article.published),
        "modified": stated(article.modified),
        "language": article.language,
        "site": article.site,
        "section": article.section,
        "tags": list(article.tags),
        "description": article.description,
        "image": article.image,
        "text": article.text,
        "marks": list(article.marks),
    }


def _clean(value: object) -> object:
    """Return a value whose texts UTF-8 can hold: a page may have lone surrogates."""
    match value:
        case str():
            return value.encode("utf-8", "replace").decode()
        case list():
            return [_clean(one) for one in value]
        case _:
            return value
