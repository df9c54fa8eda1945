"""HTTP/2 messages in the form of HTTP/1.1, as archives keep them. Pure.

Frames have no wire form that readers of WARC files know. By common practice (IIPC's
warc-specifications, issues 15 and 42; Common Crawl) the head is written as HTTP/1.1, the
body is what its DATA frames carried, and `WARC-Protocol: h2` says so. Header names and
values are as they were received, in order, without the pseudo-headers.
"""

import re
from collections.abc import Iterable

RawHeaders = Iterable[tuple[bytes, bytes]]

#: Control characters, blanks, capitals, a colon, and whatever is not ASCII.
_NO_NAME = re.compile(rb"[\x00-\x20A-Z:\x7f-\xff]")
_NO_VALUE = re.compile(rb"[\0\r\n]")
_OF_CONNECTIONS = frozenset(
    {
        b"connection",
        b"keep-alive",
        b"proxy-connection",
        b"transfer-encoding",
        b"upgrade",
    }
)


def head_fault(headers: RawHeaders) -> str | None:
    """Return why a response's headers are malformed, or None (RFC 9113, section 8.2).

    A line feed in a value would be another header in the form of HTTP/1.1, and
    `transfer-encoding` another body.
    """
    for name, value in headers:
        shown = ascii(name.decode("latin-1"))
        if not name or _NO_NAME.search(name):
            return f"no name of a header: {shown}"
        if _NO_VALUE.search(value):
            return f"a line break or NUL in {shown}"
        if name in _OF_CONNECTIONS:
            return f"{shown} has no place in HTTP/2"
    return None


def response_head(status: int, headers: RawHeaders) -> bytes:
    """Return a response's head; HTTP/2 has no reason phrase."""
    return _head(b"HTTP/1.1 %d " % status, headers)


def request_head(method: bytes, target: bytes, headers: RawHeaders) -> bytes:
    """Return a request's head; `:authority` stands as `host`, names as they are sent."""
    lowered = ((name.lower(), value) for name, value in headers)
    return _head(b"%s %s HTTP/1.1" % (method, target), lowered)


def _head(first: bytes, headers: RawHeaders) -> bytes:
    lines = (name + b": " + value for name, value in headers)
    return b"\r\n".join((first, *lines, b"", b""))
