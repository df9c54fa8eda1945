"""Extractions and page sources as bytes: JSON by pydantic, page bytes as they are.

A child that has read hostile bytes is not trusted: nothing it sends is ever
unpickled, only validated.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from pydantic import TypeAdapter

from crawler.extract.source import Hint, PageSource, SiteRules
from storage.model import Extraction

MAX_FRAME = 256 * 1024 * 1024
LENGTH = struct.Struct(">I")
_EXTRACTION = TypeAdapter(Extraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A page source without its body."""

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    hint: Hint
    rules: SiteRules | None


_HEAD = TypeAdapter(_Head)


def encode_extraction(extraction: Extraction) -> bytes:
    """Return an extraction as JSON."""
    return _EXTRACTION.dump_json(extraction)


def decode_extraction(encoded: bytes) -> Extraction:
    """Return the extraction in a JSON document.

    Raises:
        ValueError: It is no extraction.
    """
    return _EXTRACTION.validate_json(encoded)


def encode_source(source: PageSource) -> tuple[bytes, bytes]:
    """Return a page source as two frames: JSON, and the body."""
    head = _Head(
        url=source.url,
        captured_at=source.captured_at,
        status=source.status,
        headers=source.headers,
        hint=source.hint,
        rules=source.rules,
    )
    return _HEAD.dump_json(head), source.body


def decode_source(head: bytes, body: bytes) -> PageSource:
    """Return the page source in two frames."""
    read = _HEAD.validate_json(head)
    return PageSource(
        read.url,
        body,
        read.captured_at,
        read.status,
        read.headers,
        read.hint,
        read.rules,
    )


def write_frame(stream: BinaryIO, content: bytes) -> None:
    """Write a length and the content, and flush."""
    stream.write(LENGTH.pack(len(content)))
    stream.write(content)
    stream.flush()


def read_frame(stream: BinaryIO) -> bytes | None:
    """Return the next frame, or None where the stream ends."""
    length = stream.read(LENGTH.size)
    if len(length) < LENGTH.size:
        return None
    content = stream.read(LENGTH.unpack(length)[0])
    return content if len(content) == LENGTH.unpack(length)[0] else None
