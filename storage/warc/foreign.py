"""WARC files that others wrote: their answers, what browsers made of them, and the rest.

Read are Common Crawl's (CC-NEWS), those of news-please, Heritrix, wget and warcio, and our
own. A request may stand before or behind its response, or nowhere.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.model.exchange import Certificate, Origin, Rendering, Truncated
from storage.warc.capture import NOT_MODIFIED, ORIGIN, RENDERED_TYPE, SAME_PAYLOAD
from storage.warc.reader import Walked, walk
from storage.warc.record import ReadRecord

_HTTP = "application/http"
_OLD_DATE = "%Y%m%d%H%M%S"
_FIRST_YEAR = 1000
#: Milliseconds that no browser had for a page.
_LONGEST = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """An HTTP response of a WARC file, its block to the byte.

    Attributes:
        url: What was asked for, as the record says.
        at: When, UTC.
        block: Status line, headers, body; of a revisit only what it does not repeat.
        record: The record that holds it.
        origin: Whence it is; where it was imported before, its first origin.
        request: What was sent, if that is known.
        repeats: Whether it is a revisit, whose body is another record's.
    """

    url: str
    at: datetime
    block: bytes
    origin: Origin
    record: ReadRecord = field(repr=False)
    request: bytes = b""
    repeats: bool = False

    @property
    def ip(self) -> str | None:
        """The address that answered, as the record says."""
        return self.record.header("WARC-IP-Address")

    @property
    def protocol(self) -> str:
        """The HTTP version: as the record says, else as the status line does."""
        named = (p for p in self._protocols() if not p.startswith(("tls/", "ssl/")))
        first = self.block[:8].decode("latin-1").lower()
        return next(named, first if first.startswith("http/") else "http/1.1")

    @property
    def tls(self) -> tuple[str, str] | None:
        """TLS version and cipher suite, if the record says."""
        cipher = self.record.header("WARC-Cipher-Suite")
        named = next((p for p in self._protocols() if p.startswith("tls/")), None)
        return (named, cipher) if named and cipher else None

    @property
    def certificate(self) -> Certificate | None:
        """What the server proved itself with, if the record says."""
        said = _json(self.record.header("WARC-JSON-Metadata")).get("cert")
        if not isinstance(said, dict) or not {"sha256", "issuer"} <= said.keys():
            return None
        return Certificate(sha256=str(said["sha256"]), issuer=str(said["issuer"]))

    @property
    def truncated(self) -> Truncated | None:
        """Why it is not whole; a revisit lacks its body on purpose."""
        said = self.record.header("WARC-Truncated")
        if not said or self.repeats:
            return None
        known = said.lower() in set(Truncated)
        return Truncated(said.lower()) if known else Truncated.UNSPECIFIED

    def _protocols(self) -> list[str]:
        return [
            value.lower()
            for name, value in self.record.headers
            if name.lower() == "warc-protocol"
        ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendered:
    """What a browser of ours made of a page; `of` is the id of the page's record."""

    rendering: Rendering
    name: str
    of: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Passed:
    """A record that is none of these; `damaged` says that it should have been read."""

    why: str
    offset: int
    damaged: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """What stands at one place of a file, and where the next one begins."""

    found: Answer | Rendered | Passed
    end: int


def read_foreign(path: Path, name: str) -> Iterator[Place]:
    """Yield all of a WARC file, gzipped or not: answers, and what is passed over.

    Behind damage it goes on at the next record. A request is part of its answer.

    Args:
        path: The file.
        name: What it is called where it is from.
    """
    pending: Place | None = None
    request: ReadRecord | None = None
    for walked in walk(path):
        record = walked.record
        if record is not None and walked.error is None and record.kind == "request":
            if pending is not None and _belong(record, pending.found):
                pending = _with_request(pending, record)
            else:
                request = record
            continue
        if pending is not None:
            yield pending
        pending = Place(found=_found(walked, name), end=walked.offset + walked.length)
        if request is not None and _belong(request, pending.found):
            pending = _with_request(pending, request)
        request = None
    if pending is not None:
        yield pending


def _found(walked: Walked, name: str) -> Answer | Rendered | Passed:
    record = walked.record
    if record is None or (walked.error is not None and not is_whole_revisit(record)):
        why = walked.error or "no record"
        return Passed(why=why, offset=walked.offset, damaged=True)
    elapsed = _rendered_in(record)
    if elapsed is None and (why := _why_no_answer(record)):
        return Passed(why=why, offset=walked.offset)
    at = _date(record.header("WARC-Date") or "")
    url = (record.header("WARC-Target-URI") or "").strip("<> ")
    if at is None or not url:
        return Passed(why="no date" if url else "no URL", offset=walked.offset)
    if elapsed is not None:
        rendering = Rendering(
            url=url,
            document=record.block,
            started_at=at,
            elapsed=elapsed,
            origin=_origin(record, name),
        )
        of = record.header("WARC-Refers-To") or ""
        return Rendered(rendering=rendering, name=record.record_id, of=of)
    return Answer(
        url=url,
        at=at,
        block=record.block,
        record=record,
        origin=_origin(record, name),
        repeats=record.kind == "revisit",
    )


def _rendered_in(record: ReadRecord) -> timedelta | None:
    """Return how long a browser of ours took for a record; None for another's.

    Conversions of others are made of anything, such as the texts of Common Crawl.
    """
    is_page = record.header("Content-Type") == RENDERED_TYPE
    if record.kind != "conversion" or not is_page:
        return None
    elapsed = _own_words(record).get("elapsed_ms")
    if not isinstance(elapsed, int) or not 0 <= elapsed < _LONGEST:
        return None
    return timedelta(milliseconds=elapsed)


def _why_no_answer(record: ReadRecord) -> str:
    """Return why a record is no answer of HTTP, by what it says; empty for one."""
    if record.kind not in {"response", "revisit"}:
        return f"{record.kind or 'untyped'} record"
    if "page" in _own_words(record):
        return "asked for by a page's scripts"
    if record.header("WARC-Segment-Number") is not None:
        return "part of a record"
    if not _is_http(record):
        return "not HTTP"
    is_same = record.kind == "response" or _has_profile(record, SAME_PAYLOAD)
    return "" if is_same else _profile(record)


def _own_words(record: ReadRecord) -> dict[str, object]:
    """Return what a Kliping wrote of an answer; nothing for another's."""
    said = _json(record.header("WARC-JSON-Metadata")).get("kliping")
    return said if isinstance(said, dict) else {}


def is_whole_revisit(record: ReadRecord) -> bool:
    """Tell whether a record is a revisit as long as it says.

    Its block's digest is not believed: wget (1.21) writes one that is neither its own
    nor that of what it repeats, and warcio compares none either.
    """
    length = record.header("Content-Length")
    return record.kind == "revisit" and length == str(len(record.block))


def _is_http(record: ReadRecord) -> bool:
    media = (record.header("Content-Type") or _HTTP).lower()
    return media.startswith(_HTTP) and record.block[:5].upper() == b"HTTP/"


def _profile(record: ReadRecord) -> str:
    is_unmodified = _has_profile(record, NOT_MODIFIED)
    return "HTTP 304" if is_unmodified else "revisit of another profile"


def _has_profile(record: ReadRecord, profile: str) -> bool:
    """Tell whether a revisit is of a profile, which WARC/1.0 and 1.1 each have."""
    said = record.header("WARC-Profile") or ""
    return said.strip("<> ") in {profile, profile.replace("/1.1/", "/1.0/")}


def _belong(request: ReadRecord, found: Answer | Rendered | Passed) -> bool:
    """Tell whether a request is that of an answer beside it."""
    if not isinstance(found, Answer) or found.request:
        return False
    record = found.record
    named = {
        record.header("WARC-Concurrent-To") == request.record_id,
        request.header("WARC-Concurrent-To") == record.record_id,
    }
    is_told = record.header("WARC-Concurrent-To") or request.header(
        "WARC-Concurrent-To"
    )
    uri = (request.header("WARC-Target-URI") or "").strip("<> ")
    return True in named if is_told else uri == found.url


def _with_request(place: Place, request: ReadRecord) -> Place:
    assert isinstance(place.found, Answer)  # noqa: S101  # of `_belong`
    return replace(place, found=replace(place.found, request=request.block))


def _origin(record: ReadRecord, name: str) -> Origin:
    first = _json(record.header(ORIGIN))
    if {"file", "record", "date"} <= first.keys():
        return Origin(
            file=str(first["file"]),
            record=str(first["record"]),
            date=str(first["date"]),
        )
    return Origin(
        file=name, record=record.record_id, date=record.header("WARC-Date") or ""
    )


def _json(text: str | None) -> dict[str, object]:
    try:
        read = json.loads(text or "{}")
    except (ValueError, RecursionError):  # nested deeper than the parser goes
        return {}
    return read if isinstance(read, dict) else {}


def _date(text: str) -> datetime | None:
    """Return a WARC-Date, None for what is none; old tools wrote 14 digits.

    A year before 1000 is none: no index could hold it, whose times have 14 digits.
    """
    try:
        at = _moment(text)
        at = at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)
    except (ValueError, OverflowError):  # in UTC it may be of no year that there is
        return None
    return at if at.year >= _FIRST_YEAR else None


def _moment(text: str) -> datetime:
    if text.isdigit():
        return datetime.strptime(text, _OLD_DATE).replace(tzinfo=UTC)
    return datetime.fromisoformat(text)
