"""Extractions and page sources as bytes: JSON by pydantic, page bytes as they are.

A child that has read hostile bytes is not trusted: nothing it sends is ever
unpickled, only validated.
"""

import struct
from dataclasses import dataclass
from datetime import datetime
from typing import BinaryIO

from pydantic import TypeAdapter

from crawler.extract.source import Hint, HostKnowledge, PageSource, SiteRules
from storage.model import Extraction

MAX_FRAME = 256 * 1024 * 1024
LENGTH = struct.Struct(">I")
#: The frame that says: what is known of the host is as with the page before.
SAME = b"="
_COUNT = struct.Struct(">qHH")
_MOST = 0xFFFF
_EXTRACTION = TypeAdapter(Extraction)


@dataclass(frozen=True, slots=True, kw_only=True)
class _Head:
    """A page source without its body and what is known of its host."""

    url: str
    captured_at: datetime
    status: int
    headers: tuple[tuple[str, str], ...]
    hint: Hint
    rules: SiteRules | None
    own: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class _Knowledge:
    """What is known of a host, without the counts."""

    pages: int
    title_suffixes: tuple[str, ...]
    title_prefixes: tuple[str, ...]
    day_first: bool | None


_HEAD = TypeAdapter(_Head)
_KNOWLEDGE = TypeAdapter(_Knowledge)


def encode_extraction(extraction: Extraction) -> bytes:
    """Return an extraction as JSON."""
    return _EXTRACTION.dump_json(extraction)


def decode_extraction(encoded: bytes) -> Extraction:
    """Return the extraction in a JSON document.

    Raises:
        ValueError: It is no extraction.
    """
    return _EXTRACTION.validate_json(encoded)


def encode_source(
    source: PageSource, sent: HostKnowledge | None = None
) -> tuple[bytes, bytes, bytes]:
    """Return a page source as three frames: JSON, what is known of its host, the body.

    Args:
        source: What to send.
        sent: What the reader last heard of a host: the same is not sent again.
    """
    head = _Head(
        url=source.url,
        captured_at=source.captured_at,
        status=source.status,
        headers=source.headers,
        hint=source.hint,
        rules=source.rules,
        own=tuple(source.own),
    )
    if source.known is None:
        known = b""
    else:
        known = SAME if source.known is sent else _encode_knowledge(source.known)
    return _HEAD.dump_json(head), known, source.body


def decode_source(
    head: bytes, known: bytes, body: bytes, heard: HostKnowledge | None = None
) -> PageSource:
    """Return the page source in three frames.

    Args:
        head: The first.
        known: The second.
        body: The third.
        heard: What was last heard of a host.
    """
    read = _HEAD.validate_json(head)
    return PageSource(
        read.url,
        body,
        read.captured_at,
        read.status,
        read.headers,
        read.hint,
        read.rules,
        heard if known == SAME else _decode_knowledge(known),
        frozenset(read.own),
    )


def _encode_knowledge(known: HostKnowledge) -> bytes:
    head = _KNOWLEDGE.dump_json(
        _Knowledge(
            pages=known.pages,
            title_suffixes=known.title_suffixes,
            title_prefixes=known.title_prefixes,
            day_first=known.day_first,
        )
    )
    counts = b"".join(
        _COUNT.pack(key, min(df, _MOST), min(days, _MOST))
        for key, (df, days) in known.blocks.items()
    )
    return LENGTH.pack(len(head)) + head + counts


def _decode_knowledge(frame: bytes) -> HostKnowledge | None:
    if not frame:
        return None
    end = LENGTH.size + LENGTH.unpack_from(frame)[0]
    head = _KNOWLEDGE.validate_json(frame[LENGTH.size : end])
    counts = _COUNT.iter_unpack(memoryview(frame)[end:])
    return HostKnowledge(
        blocks={key: (df, days) for key, df, days in counts},
        pages=head.pages,
        title_suffixes=head.title_suffixes,
        title_prefixes=head.title_prefixes,
        day_first=head.day_first,
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


def read_frames(stream: BinaryIO, number: int) -> list[bytes] | None:
    """Return the next frames, or None where the stream ends before them."""
    frames: list[bytes] = []
    while len(frames) < number:
        frame = read_frame(stream)
        if frame is None:
            return None
        frames.append(frame)
    return frames
