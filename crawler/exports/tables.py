"""Versions as rows: JSON lines, CSV, Parquet. Each is written as it comes."""

import json
import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from itertools import islice
from typing import TYPE_CHECKING, Any, BinaryIO, Protocol

from crawler.errors import UsageError
from crawler.exports.fields import FIELDS, Kind, values_of
from storage.sql.selection import Told

if TYPE_CHECKING:
    import pyarrow as pa

#: What a spreadsheet takes for a formula at the beginning of a cell (OWASP, "CSV
#: Injection"); the wide forms are taken for the narrow ones by some.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
#: The same behind what parts cells where semicolons or tabs do: Excel where the comma is
#: decimal, for which quotes that begin within a line are letters. `;-)`, and lines
#: that begin with a dash or a name, are no formulas: those call something.
_FORMULA_WITHIN = re.compile(
    r"(?<=[;\t\r\n])( *)(?=[=＝]|[-+@－＋＠][^;\t\r\n]*(?:\||\w\())"
)
_PARTING = re.compile('[,;"\t\r\n]')
_ROWS_IN_A_GROUP = 1000


class Out(Protocol):
    """What takes bytes, one piece after another."""

    def write(self, data: bytes, /) -> object:
        """Take a piece."""


def write_json_lines(told: Iterable[Told], out: Out) -> None:
    """Write one JSON object a line; times are RFC 3339."""
    for one in told:
        line = json.dumps(
            values_of(one), ensure_ascii=False, default=datetime.isoformat
        )
        out.write(f"{line}\n".encode("utf-8", "replace"))


def write_csv(told: Iterable[Told], out: Out) -> None:
    """Write CSV (RFC 4180) with a header line, in UTF-8.

    What a spreadsheet would take for a formula has an apostrophe before it.
    """
    out.write(csv_head(field.name for field in FIELDS))
    for one in told:
        out.write(csv_line(values_of(one).values()))


def csv_head(names: Iterable[str]) -> bytes:
    """Return the line with the columns' names, which need no quotes."""
    return f"{','.join(names)}\r\n".encode()


def csv_line(values: Iterable[object]) -> bytes:
    """Return a line of CSV in which no spreadsheet finds a formula.

    Quotes are about semicolons and tabs as well: LibreOffice parts cells there, too.
    """
    return f"{','.join(map(_cell, values))}\r\n".encode("utf-8", "replace")


def _cell(value: object) -> str:
    match value:
        case None:
            return ""
        case int():
            return str(value)
        case datetime():
            return value.isoformat()
        case list():
            text = "; ".join(map(str, value))
        case _:
            text = str(value)
    text = _FORMULA_WITHIN.sub(r"\1'", text.replace("\0", ""))
    text = f"'{text}" if text.startswith(_FORMULA) else text
    return '"{}"'.format(text.replace('"', '""')) if _PARTING.search(text) else text


def write_parquet(told: Iterable[Told], out: BinaryIO) -> None:
    """Write Parquet, a row group of 1,000 rows at a time.

    Raises:
        UsageError: pyarrow is not installed.
    """
    try:
        import pyarrow as pa
        from pyarrow import parquet
    except ImportError as error:
        raise UsageError(
            "Parquet needs pyarrow: pip install 'kliping[parquet]'"
        ) from error
    schema = _schema(pa)
    with parquet.ParquetWriter(out, schema, compression="zstd") as writer:
        for group in _groups(map(values_of, told)):
            writer.write_table(pa.Table.from_pylist(group, schema))


def _schema(arrow: Any) -> "pa.Schema":  # noqa: ANN401  # a module
    """Return the columns' types; what each means is in its metadata."""
    types = {
        Kind.TEXT: arrow.string(),
        Kind.TEXTS: arrow.list_(arrow.string()),
        Kind.NUMBER: arrow.int64(),
        Kind.TIME: arrow.timestamp("us", tz="UTC"),
    }
    schema: pa.Schema = arrow.schema(
        [
            arrow.field(field.name, types[field.kind], metadata={"means": field.means})
            for field in FIELDS
        ]
    )
    return schema


def _groups(rows: Iterable[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    rest = iter(rows)
    while group := list(islice(rest, _ROWS_IN_A_GROUP)):
        yield group
