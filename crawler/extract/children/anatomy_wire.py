"""Pages and anatomies as bytes: JSON by pydantic, page bytes as they are."""

import json
from dataclasses import replace
from typing import Any

from pydantic import TypeAdapter
from pydantic_core import PydanticSerializationError

from crawler.extract.anatomy import Anatomy
from crawler.extract.children.wire import utf8
from crawler.extract.source import PageSource

_PAGE = TypeAdapter(PageSource)
_ANATOMY = TypeAdapter(Anatomy)


def encode_page(source: PageSource) -> tuple[bytes, bytes]:
    """Return a page source as two frames: all but its body as JSON, and the body."""
    return _json(_PAGE, replace(source, body=b"")), source.body


def decode_page(head: bytes, body: bytes) -> PageSource:
    """Return the page source in two frames."""
    return replace(_PAGE.validate_json(head), body=body)


def encode_anatomy(anatomy: Anatomy) -> bytes:
    """Return an anatomy as JSON."""
    return _json(_ANATOMY, anatomy)


def decode_anatomy(encoded: bytes) -> Anatomy:
    """Return the anatomy in a JSON document.

    Raises:
        ValueError: It is none.
    """
    return _ANATOMY.validate_json(encoded)


def _json(kind: TypeAdapter[Any], value: object) -> bytes:
    try:
        return kind.dump_json(value)
    except PydanticSerializationError:  # a lone surrogate
        return utf8(
            json.dumps(kind.dump_python(value, mode="json"), ensure_ascii=False)
        )
