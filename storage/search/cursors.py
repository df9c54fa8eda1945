"""Where a page of search results ended, as an opaque text.

It is made for one query in one order; another one refuses it. `top` is the newest
article there was when the first page was asked for: later ones do not move the rest. In
the order of dates it is that of the last article (storage.sql.dated).
"""

import base64
import hashlib
import json
from typing import NamedTuple

from storage.errors import BadQuery

_MAX = 300
_MAX_ID = 2**63


class Place(NamedTuple):
    """The newest article there was, the last of a page, and how many were shown."""

    top: int
    id: int
    shown: int


def write_cursor(place: Place, query: str, order: str) -> str:
    """Return the text that `read_cursor` reads."""
    packed = json.dumps([_mark(query, order), *place], separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def read_cursor(cursor: str, query: str, order: str) -> Place:
    """Return the place that a cursor of this query names.

    Raises:
        BadQuery: It is none, or of another query or order.
    """
    try:
        packed = base64.b64decode(
            cursor[:_MAX].encode("ascii") + b"==", altchars=b"-_", validate=False
        )
        mark, *place = json.loads(packed)
    except (ValueError, TypeError, RecursionError) as error:
        raise BadQuery("the cursor cannot be read") from error
    if mark != _mark(query, order):
        raise BadQuery("the cursor is of another query or order")
    if len(place) != len(Place._fields) or not all(map(_is_id, place)):
        raise BadQuery("the cursor cannot be read")
    return Place(*place)


def _is_id(value: object) -> bool:
    return type(value) is int and 0 <= value < _MAX_ID


def _mark(query: str, order: str) -> str:
    asked = f"{order}\0{query}".encode("utf-8", "surrogatepass")
    return hashlib.sha256(asked).hexdigest()[:12]
