"""Lists as files: CSV and JSON of what a page shows, all of it and not a page of it."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from enum import StrEnum
from typing import Annotated

from fastapi import Query
from fastapi.responses import Response, StreamingResponse
from pydantic import BeforeValidator

from crawler.exports.tables import csv_head, csv_line

Row = Mapping[str, object]


class ListForm(StrEnum):
    """How a list is sent: a page to look at, or a file."""

    PAGE = "page"
    CSV = "csv"
    JSON = "json"


def _usual(value: object) -> object:
    return value or ListForm.PAGE


GivenForm = Annotated[ListForm, BeforeValidator(_usual), Query(alias="format")]


def as_file(
    form: ListForm, name: str, columns: Sequence[str], rows: Iterable[Row]
) -> Response:
    """Return a list as a file to save.

    Args:
        form: CSV (RFC 4180, formulas disarmed) or JSON, an object a line.
        name: Of the file, without its ending; of ASCII letters.
        columns: What stands in it, in order.
        rows: With all of the columns.
    """
    is_csv = form is ListForm.CSV
    body = _csv(columns, rows) if is_csv else _json_lines(columns, rows)
    ending, kind = ("csv", "text/csv") if is_csv else ("jsonl", "application/jsonl")
    return StreamingResponse(
        body,
        media_type=f"{kind}; charset=utf-8",
        headers={"Content-Disposition": f'attachment; filename="{name}.{ending}"'},
    )


def _csv(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    yield csv_head(columns)
    for row in rows:
        yield csv_line(row[name] for name in columns)


def _json_lines(columns: Sequence[str], rows: Iterable[Row]) -> Iterator[bytes]:
    for row in rows:
        said = {name: row[name] for name in columns}
        text = json.dumps(said, ensure_ascii=False, default=_said)
        yield f"{text}\n".encode("utf-8", "replace")


def _said(value: object) -> object:
    return value.isoformat() if isinstance(value, datetime) else str(value)
