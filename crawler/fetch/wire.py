"""HTTP/1.x messages as bytes: where a head ends, what frames a body. Pure.

Live responses have passed h11 before they come here, stored ones may come from
any crawler: these readers never refuse a body, they stop where it stops making
sense. Header values are ISO-8859-1, so that their bytes can be had back.
"""

import re
from collections.abc import Iterator
from io import BytesIO

from crawler.errors import NotReadable

Headers = tuple[tuple[str, str], ...]

_BLANK_LINE = re.compile(rb"\n\r?\n")
_STATUS_LINE = re.compile(rb"HTTP/\d(?:\.\d)?[ \t]+(\d{3})(?:[ \t]|$)", re.IGNORECASE)
_HTTP_1 = re.compile(rb"HTTP/1\.[01][ \t]", re.IGNORECASE)
_INTERIM = re.compile(rb"HTTP/\d\.\d 1(?!01)\d\d")  # 101 is final
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


def split_response(raw: bytes) -> tuple[int, Headers, bytes]:
    """Return a response's status, headers and body, the body as on the wire.

    Headers keep their order, their case and their duplicates; a folded value
    is joined by one space.

    Raises:
        NotReadable: It does not begin with an HTTP/1 status line.
    """
    end = head_end(raw)
    head = raw if end is None else raw[:end]
    lines = [line.removesuffix(b"\r") for line in head.split(b"\n")]
    status = _STATUS_LINE.match(lines[0])
    if status is None:
        raise NotReadable("not an HTTP response")
    return int(status[1]), _headers(lines[1:]), b"" if end is None else raw[end:]


def values(headers: Headers, name: str) -> list[str]:
    """Return the comma-separated members of all headers of a name, lower-case."""
    named = [value for key, value in headers if key.lower() == name]
    members = (part.strip().lower() for value in named for part in value.split(","))
    return [member for member in members if member]


def is_chunked(headers: Headers) -> bool:
    """Return whether the body is sent in chunks (RFC 9112, section 7.1)."""
    return values(headers, "transfer-encoding")[-1:] == ["chunked"]


def message_size(response: bytes) -> int | None:
    """Return how many bytes a response takes by its own framing.

    None when it is not whole, or is framed by nothing but the end of the
    connection.
    """
    status, headers, body = split_response(response)
    size = _body_size(status, headers, body)
    if size is None or size > len(body):
        return None
    return len(response) - len(body) + size


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


def _headers(lines: list[bytes]) -> Headers:
    unfolded: list[list[bytes]] = []
    for line in lines:
        if line[:1] in {b" ", b"\t"} and unfolded:
            unfolded[-1].append(line.lstrip(b" \t"))
        elif b":" in line:
            unfolded.append([line])
    pairs = (b" ".join(parts).partition(b":") for parts in unfolded)
    return tuple(
        (name.decode("latin-1"), value.strip(b" \t").decode("latin-1"))
        for name, _, value in pairs
    )


def _body_size(status: int, headers: Headers, body: bytes) -> int | None:
    if status in _BODILESS:
        return 0
    if is_chunked(headers):
        return _chunked_size(body)
    lengths = set(values(headers, "content-length"))
    stated = lengths.pop() if len(lengths) == 1 else ""
    return int(stated) if re.fullmatch(r"[0-9]{1,20}", stated) else None


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
