"""What went over the wire: an exchange as it was received, and a page's rendering."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Truncated(StrEnum):
    """Why a response is not whole (WARC/1.1, `WARC-Truncated`)."""

    LENGTH = "length"
    TIME = "time"
    DISCONNECT = "disconnect"
    UNSPECIFIED = "unspecified"


@dataclass(frozen=True, slots=True, kw_only=True)
class Certificate:
    """A server's certificate: its SHA-256 in hex, over the DER, and who issued it."""

    sha256: str
    issuer: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Where an exchange was imported from: a WARC file, and its record there.

    `record` and `date` are that record's id and date, as they are written there.
    """

    file: str
    record: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """One HTTP exchange as it went over the wire, in memory.

    Attributes:
        url: The URL asked for.
        started_at: When the request was sent, UTC.
        elapsed: From sending the request to the last byte received.
        request: The request as sent: request line, headers, blank line. Nothing
            where it is not known.
        response: The final response as received: status line, headers, body
            with its transfer and content codings.
        status: The final status code; 0 when what came is no HTTP/1 response.
        headers: Response headers in order, names as sent, duplicates kept.
        body: The body with all codings removed, cut at the decoded limit.
        ip: The address that was dialled.
        protocol: `http/1.1` or `h2`.
        tls: TLS version and cipher suite, or None for plain HTTP.
        certificate: What the server proved itself with, or None for plain HTTP.
        truncated: Why the response is not whole, or None.
        decode_error: Why `body` is not the whole decoded payload, or None.
        interim: The interim (1xx) responses that came before `response`.
        excess: What came behind `response` and belongs to none.
        origin: Whence it was imported; None for what we fetched ourselves.
    """

    url: str
    started_at: datetime
    elapsed: timedelta
    request: bytes
    response: bytes
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    ip: str | None = None
    protocol: str = "http/1.1"
    tls: tuple[str, str] | None = None
    certificate: Certificate | None = None
    truncated: Truncated | None = None
    decode_error: str | None = None
    interim: bytes = b""
    excess: bytes = b""
    origin: Origin | None = None

    def header(self, name: str) -> str | None:
        """Return the first value of a header, or None; names ignore case."""
        wanted = name.lower()
        return next((v for k, v in self.headers if k.lower() == wanted), None)

    @property
    def lacks(self) -> tuple[str, ...]:
        """Why `body` is not the whole of what was sent, in words; empty if it is."""
        cut = f"cut short ({self.truncated})" if self.truncated is not None else None
        return tuple(filter(None, (cut, self.decode_error)))


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A page's document after its scripts ran in a browser.

    Attributes:
        url: The page's URL.
        document: The document as HTML, in UTF-8.
        started_at: When the browser was given the page, UTC.
        elapsed: From then on, answers to its scripts included.
        requests: How many requests of its scripts were passed on.
        refused: How many more were refused: by robots.txt, policy or budget.
        cut: Whether its time ran out before it came to rest.
        origin: Whence it was imported; None for what our own browser made.
    """

    url: str
    document: bytes
    started_at: datetime
    elapsed: timedelta
    requests: int = 0
    refused: int = 0
    cut: bool = False
    origin: Origin | None = None
