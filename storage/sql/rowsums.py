"""A hash of all rows of a table, the same on every database that holds the same rows.

Each row is written in one form, whatever its database keeps it as; the SHA-256 of the
rows are added up (modulo 2^256), so that no database's order of text counts.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

from sqlalchemy import (
    JSON,
    Column,
    ColumnElement,
    Connection,
    Table,
    Text,
    cast,
    select,
)

_ROWS_AT_ONCE = 1000
_WHOLE = 1 << 256


@dataclass(frozen=True, slots=True, kw_only=True)
class RowSum:
    """How many rows a table has, and their hash in hex."""

    rows: int
    sha256: str


def row_sum(connection: Connection, table: Table) -> RowSum:
    """Return the hash of a table's rows; reads all of it."""
    flow = {"yield_per": _ROWS_AT_ONCE}
    found = connection.execute(select(*raw(table)), execution_options=flow)
    is_json = [isinstance(column.type, JSON) for column in table.columns]
    return sum_of(_canonical(row, is_json) for row in found)


def sum_of(rows: Iterable[bytes]) -> RowSum:
    """Return the hash of rows in their one form."""
    count = total = 0
    for row in rows:
        total += int.from_bytes(sha256(row).digest(), "big")
        count += 1
    return RowSum(rows=count, sha256=f"{total % _WHOLE:064x}")


def raw(table: Table) -> "list[ColumnElement[Any]]":
    """Return what to select of a table: JSON as the text that is kept.

    Read as JSON, a null of JSON and none at all would be the same.
    """
    return [_raw(column) for column in table.columns]


def _raw(column: "Column[Any]") -> "ColumnElement[Any]":
    if isinstance(column.type, JSON):
        return cast(column, Text).label(column.name)
    return column


def _canonical(row: Sequence[Any], is_json: Sequence[bool]) -> bytes:
    said = [
        _json(value) if of_json else _plain(value)
        for value, of_json in zip(row, is_json, strict=True)
    ]
    return json.dumps(said, separators=(",", ":")).encode("ascii")


def _json(text: str | None) -> list[Any] | None:
    if text is None:
        return None
    return ["json", json.dumps(json.loads(text), sort_keys=True, separators=(",", ":"))]


def _plain(value: Any) -> Any:  # noqa: ANN401  # whatever columns hold
    match value:
        case datetime():
            return ["time", value.astimezone(UTC).isoformat(timespec="microseconds")]
        case date():
            return ["day", value.isoformat()]
        case bytes() | memoryview():
            return ["bytes", bytes(value).hex()]
        case _:
            return value
