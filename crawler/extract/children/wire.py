"""Page sources and extractions as bytes: pickled on the way in, JSON on the way out.

A child that has read hostile bytes is not trusted: nothing it sends is ever
unpickled, only validated. It has no use for pydantic, which takes as long to load as
ten pages to read.
"""

import json
import pickle
import struct
from array import array
from collections.abc import Callable
from dataclasses import fields, is_dataclass, replace
from datetime import datetime
from functools import cache
from operator import attrgetter
from typing import Any, BinaryIO

from crawler.extract.source import HostKnowledge, PageSource
from storage.model.extraction import Extraction

MAX_FRAME = 256 * 1024 * 1024
LENGTH = struct.Struct(">I")
#: The frame that says: what is known of the host is as with the page before.
SAME = b"="
#: How a frame begins that is no answer, but what the child has to tell of itself.
NOTICE = b"!"
#: Bytes of a block's key and counts.
_COUNT = 8 + 2 + 2
_MOST = 0xFFFF


def encode_extraction(extraction: Extraction) -> bytes:
    """Return an extraction as JSON."""
    return utf8(
        json.dumps(
            extraction,
            default=lambda value: _reader(value.__class__)(value),
            ensure_ascii=False,
            check_circular=False,  # frozen values hold no circles
            separators=(",", ":"),
        )
    )


def utf8(text: str) -> bytes:
    """Return text in UTF-8, U+FFFD for lone surrogates, which it has no bytes for.

    They come out of JSON's escapes: sites cut summaries in the middle of an emoji.
    """
    try:
        return text.encode()
    except UnicodeEncodeError:
        whole = text.encode("utf-16", "surrogatepass")
        return whole.decode("utf-16", "replace").encode()


def decode_extraction(encoded: bytes) -> Extraction:
    """Return the extraction in a JSON document.

    Raises:
        ValueError: It is no extraction.
    """
    found: Extraction = _extractions().validate_json(encoded)
    return found


@cache
def _extractions() -> Any:  # noqa: ANN401  # pydantic's
    from pydantic import TypeAdapter

    return TypeAdapter(Extraction)


@cache
def _reader(kind: Any) -> Callable[[Any], object]:  # noqa: ANN401  # a class
    """Return what makes something of a value of a class that JSON has a word for."""
    if kind is datetime:
        return datetime.isoformat
    if not is_dataclass(kind):
        return dict
    names = [field.name for field in fields(kind)]
    values = attrgetter(*names)
    return lambda value: dict(zip(names, values(value), strict=True))


def encode_source(
    source: PageSource, sent: HostKnowledge | None = None
) -> tuple[bytes, bytes, bytes]:
    """Return a page source as three frames: its head, what is known of its host, the body.

    Args:
        source: What to send.
        sent: What the reader last heard of a host: the same is not sent again.
    """
    head = (
        source.url,
        source.captured_at,
        source.status,
        source.headers,
        source.hint,
        source.rules,
        source.own,
    )
    if source.known is None:
        known = b""
    else:
        known = SAME if source.known is sent else _encode_knowledge(source.known)
    return pickle.dumps(head), known, source.body


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
    url, captured_at, status, headers, hint, rules, own = pickle.loads(head)  # noqa: S301  # our parent's
    return PageSource(
        url,
        body,
        captured_at,
        status,
        headers,
        hint,
        rules,
        heard if known == SAME else _decode_knowledge(known),
        own,
    )


def _encode_knowledge(known: HostKnowledge) -> bytes:
    """Return pickled what is no count, then keys, pages and days as columns."""
    head = pickle.dumps(replace(known, blocks={}))
    counts = known.blocks.values()
    columns = (
        array("q", known.blocks),
        array("H", (min(df, _MOST) for df, _ in counts)),
        array("H", (min(days, _MOST) for _, days in counts)),
    )
    return LENGTH.pack(len(head)) + head + b"".join(map(bytes, columns))


def _decode_knowledge(frame: bytes) -> HostKnowledge | None:
    if not frame:
        return None
    end = LENGTH.size + LENGTH.unpack_from(frame)[0]
    head: HostKnowledge = pickle.loads(frame[LENGTH.size : end])  # noqa: S301  # as above
    counts = memoryview(frame)[end:]
    many = len(counts) // _COUNT
    keys, pages, days = array("q"), array("H"), array("H")
    keys.frombytes(counts[: 8 * many])
    pages.frombytes(counts[8 * many : 10 * many])
    days.frombytes(counts[10 * many :])
    return replace(
        head, blocks=dict(zip(keys, zip(pages, days, strict=True), strict=True))
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
