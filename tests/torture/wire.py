"""Odd servers, byte for byte into a WARC file and out again by two other readers."""

import argparse
import asyncio
import random
import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from fastwarc.warc import ArchiveIterator as FastIterator
from warcio.archiveiterator import ArchiveIterator

from crawler.errors import FetchError
from storage.model.exchange import Exchange
from storage.warc.capture import capture_records
from storage.warc.segment import Segment
from tests.crawler.fetch.certificates import make_certificates
from tests.crawler.fetch.odd import CUT, REFUSED, WHOLE, Odd
from tests.crawler.fetch.servers import client, serving

ODD: Mapping[str, Odd] = WHOLE | CUT | REFUSED


@dataclass(frozen=True)
class Conversation:
    """What went over the wire as the server has it, and what we made of it."""

    name: str
    heard: bytes
    sent: bytes
    exchange: Exchange


@dataclass(frozen=True)
class Read:
    """A record as a reader of archives gives it."""

    kind: str
    block: bytes
    truncated: str | None
    refers_to: str | None
    record_id: str


def run(_args: argparse.Namespace, _dice: random.Random) -> dict[str, object]:
    """Talk to every odd server, in the clear and under TLS; compare all bytes."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        talks = asyncio.run(_converse(folder))
        path = _write(folder, talks)
        readers = {"fastwarc": list(_fastwarc(path)), "warcio": list(_warcio(path))}
        faults = [f"{path.name}: {fault}" for fault in _unreadable(path)]
    for reader, records in readers.items():
        faults += [f"{reader}: {fault}" for fault in _differences(talks, records)]
    return {
        "servers": len(ODD),
        "conversations": len(talks),
        "whole": len(WHOLE),
        "cut": len(CUT),
        "refused": len(REFUSED),
        "records": {name: len(records) for name, records in readers.items()},
        "sent_bytes": sum(len(talk.sent) for talk in talks),
        "broken": faults,
    }


async def _converse(folder: Path) -> list[Conversation]:
    certificates = make_certificates(folder)
    return [
        await _ask(f"{name} ({scheme})", odd, tls, certificates.trusting)
        for scheme, tls in (("http", None), ("https", certificates.server))
        for name, odd in ODD.items()
    ]


async def _ask(
    name: str, odd: Odd, tls: ssl.SSLContext | None, trusting: ssl.SSLContext
) -> Conversation:
    async with (
        serving(odd.sent, tls=tls, hang_up=True) as server,
        client(ssl_context=trusting) as visitor,
    ):
        try:
            exchange = await visitor.exchange(server.url())
        except FetchError as error:
            exchange = error.exchanges[-1]
    return Conversation(name, server.heads[0], odd.sent, exchange)


def _write(folder: Path, talks: list[Conversation]) -> Path:
    now = datetime.now(UTC)
    segment = Segment(folder, software="kliping/test", operator="tests", now=now)
    with closing(segment):
        for talk in talks:
            made = capture_records(talk.exchange)
            segment.append([made.request, made.response, *made.strays])
        return folder / segment.seal().name


def _fastwarc(path: Path) -> Iterator[Read]:
    with path.open("rb") as file:
        for record in FastIterator(file, parse_http=False, auto_decode="none"):
            headers = dict(record.headers)
            yield _read(headers, record.reader.read())


def _warcio(path: Path) -> Iterator[Read]:
    with path.open("rb") as file:
        for record in ArchiveIterator(file, no_record_parse=True):
            headers = dict(record.rec_headers.headers)
            yield _read(headers, record.raw_stream.read())


def _read(headers: Mapping[str, str], block: bytes) -> Read:
    return Read(
        kind=headers["WARC-Type"],
        block=block,
        truncated=headers.get("WARC-Truncated"),
        refers_to=headers.get("WARC-Refers-To"),
        record_id=headers["WARC-Record-ID"],
    )


def _unreadable(path: Path) -> Iterator[str]:
    """Yield digests that do not match; either reader raises at a head it refuses."""
    with path.open("rb") as file:
        for record in FastIterator(file, auto_decode="none", parse_http=False):
            if not record.verify_block_digest():
                yield f"fastwarc: block digest at {record.stream_pos}"
            record.parse_http()
            stated = record.headers.get("WARC-Payload-Digest")
            if stated and not record.verify_payload_digest():
                yield f"fastwarc: payload digest at {record.stream_pos}"
    with path.open("rb") as file:
        for record in ArchiveIterator(file, check_digests=True):
            record.raw_stream.read()
            if record.digest_checker.passed is False:
                yield f"warcio: {record.digest_checker.problems}"


def _differences(talks: list[Conversation], records: list[Read]) -> Iterator[str]:
    """Yield where records are not what the server heard and sent."""
    left = iter(records[1:])  # behind the file's warcinfo
    for talk in talks:
        exchange = talk.exchange
        wanted = ("request", "response" if exchange.status else "metadata")
        strays = bool(exchange.interim) + bool(exchange.excess)
        found = [next(left) for _ in range(2 + strays)]
        if tuple(read.kind for read in found[:2]) != wanted:
            yield f"{talk.name}: kinds {[read.kind for read in found]}"
        if found[0].block != talk.heard:
            yield f"{talk.name}: request"
        if _on_the_wire(exchange, found) != talk.sent:
            yield f"{talk.name}: response"
        if found[1].truncated != exchange.truncated:
            yield f"{talk.name}: label {found[1].truncated}"
        if any(read.refers_to != found[1].record_id for read in found[2:]):
            yield f"{talk.name}: strays refer to something else"
    yield from (f"one record too many: {read.kind}" for read in left)


def _on_the_wire(exchange: Exchange, found: list[Read]) -> bytes:
    """Return what the server sent, in the order in which it came."""
    response, strays = found[1].block, [read.block for read in found[2:]]
    interim = strays.pop(0) if exchange.interim else b""
    return interim + response + b"".join(strays)
