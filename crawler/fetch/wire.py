"""HTTP/1.x messages as bytes: where a head ends, what frames a body. Pure.

Live responses have passed h11 before they come here, stored ones may come from
any crawler: these readers never refuse a body, they stop where it stops making
sense. Header values are ISO-8859-1, so that their bytes can be had back.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import BytesIO

from crawler.errors import NotReadable

Headers = tuple[tuple[str, str], ...]

_BLANK_LINE = re.compile(rb"\n\r?\n")
_FOLD = re.compile(r"\n[ \t]")
_STATUS_LINE = re.compile(
    r"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t]|$)", re.IGNORECASE | re.ASCII
)
_HTTP_1 = re.compile(rb"HTTP/1\.[01][ \t]", re.IGNORECASE)
_INTERIM = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d")  # 101 is final
_LENGTH = re.compile(r"[0-9]{1,20}")
_CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,20}")
_BODILESS = frozenset({204, 304})


def head_end(raw: bytes | bytearray, start: int = 0) -> int | None:
    """Return where the body begins: after the first blank line, if there is one."""
    blank = _BLANK_LINE.search(raw, start)
    return blank.end() if blank else None


def is_interim(raw: bytes | bytearray, start: int = 0) -> bool:
    """Return whether a 1xx response begins here, with the final one to follow."""
    return _INTERIM.match(raw, start) is not None


def is_http1(raw: bytes | bytearray, start: int = 0) -> bool:
    """Return whether a response of HTTP/1.0 or 1.1 begins here.

    Others have no wire form that readers of archives know: warcio stops at one.
    """
    return _HTTP_1.match(raw, start) is not None


@dataclass(frozen=True, slots=True)
class Head:
    """What a response's head says, and where it ends: its body begins there."""

    status: int
    headers: Headers
    end: int


def read_head(raw: bytes) -> Head:
    """Return a response's head; all of it is head when no blank line ends it.

    Headers keep their order, their case and their duplicates; a folded value
    is joined by one space.

    Raises:
        NotReadable: It does not begin with an HTTP/1 status line.
    """
    end = head_end(raw)
    text = raw[:end].decode("latin-1")
    first, *lines = f"{text}\n".replace("\r\n", "\n").split("\n")
    status = _STATUS_LINE.match(first)
    if status is None:
        raise NotReadable("not an HTTP response")
    if _FOLD.search(text):
        lines = _unfolded(lines)
    pairs = [line.partition(":") for line in lines]
    headers = [(name, value.strip(" \t")) for name, colon, value in pairs if colon]
    return Head(int(status[1]), tuple(headers), len(text))


def split_response(raw: bytes) -> tuple[int, Headers, bytes]:
    """Return a response's status, headers and body, the body as on the wire.

    Raises:
        NotReadable: As `read_head`.
    """
    head = read_head(raw)
    return head.status, head.headers, raw[head.end :]


def values(headers: Headers, name: str) -> list[str]:
    """Return the comma-separated members of all headers of a name, lower-case."""
    named = [value for key, value in headers if key.lower() == name]
    if not named:
        return []
    members = (part.strip().lower() for value in named for part in value.split(","))
    return [member for member in members if member]


def is_chunked(headers: Headers) -> bool:
    """Return whether the body is sent in chunks (RFC 9112, section 7.1)."""
    return values(headers, "transfer-encoding")[-1:] == ["chunked"]


def message_size(response: bytes, head: Head) -> int | None:
    """Return how many bytes a response takes by its own framing.

    None when it is not whole, or is framed by nothing but the end of the
    connection.
    """
    size = _body_size(response, head)
    return None if size is None or head.end + size > len(response) else head.end + size


def dechunk(raw: bytes) -> bytes:
    """Return the payload of a chunked body, as far as it makes sense.

    A body that does not begin with a chunk is returned as it is: archives hold
    many that were stored without the chunks their headers still name.
    """
    if _size_line(raw, 0) is None:
        return raw
    payload = BytesIO()  # gives its bytes away without a copy
    with memoryview(raw) as whole:
        for start, end in _chunks(raw):
            payload.write(whole[start:end])
    return payload.getvalue()


def _unfolded(lines: list[str]) -> list[str]:
    """Return the lines with a name; what is folded below one is joined to it."""
    unfolded: list[str] = []
    for line in lines:
        if line.startswith((" ", "\t")) and unfolded:
            unfolded[-1] += " " + line.lstrip(" \t")
        elif ":" in line:
            unfolded.append(line)
    return unfolded


def _body_size(response: bytes, head: Head) -> int | None:
    if head.status in _BODILESS:
        return 0
    if is_chunked(head.headers):
        return _chunked_size(response[head.end :])
    lengths = set(values(head.headers, "content-length"))
    stated = lengths.pop() if len(lengths) == 1 else ""
    return int(stated) if _LENGTH.fullmatch(stated) else None


def _chunked_size(body: bytes) -> int | None:
    """Return where a chunked body ends, or None when it is not whole."""
    place = 0
    for _, end in _chunks(body):
        place = end + 2
    is_sound = place == 0 or body[place - 2 : place] == b"\r\n"
    last = _size_line(body, place) if is_sound else None
    return _trailers_end(body, last[1]) if last and last[0] == 0 else None


def _chunks(raw: bytes) -> Iterator[tuple[int, int]]:
    """Yield where each chunk's payload lies, until one breaks off or is last."""
    place = 0
    while line := _size_line(raw, place):
        size, start = line
        end = start + size
        if size == 0:
            return
        yield start, min(end, len(raw))
        if raw[end : end + 2] != b"\r\n":
            return
        place = end + 2


def _size_line(raw: bytes, place: int) -> tuple[int, int] | None:
    """Return the chunk size stated at a place, and where its payload starts."""
    end = raw.find(b"\r\n", place)
    if end < 0:
        return None
    size = raw[place:end].partition(b";")[0].rstrip(b" \t")
    return (int(size, 16), end + 2) if _CHUNK_SIZE.fullmatch(size) else None


def _trailers_end(raw: bytes, place: int) -> int | None:
    for blank in (b"\r\n", b"\n"):
        if raw.startswith(blank, place):
            return place + len(blank)
    return head_end(raw, place)
