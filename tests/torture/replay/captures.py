"""Answers of odd servers in a WARC file, each once more as a revisit."""

import gzip
import tempfile
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from storage.model.exchange import Exchange
from storage.warc.capture import capture_records, revisit_records
from storage.warc.record import read_member
from storage.warc.segment import Segment
from tests.crawler.fetch.certificates import make_certificates
from tests.crawler.fetch.http2_servers import HTML, page, serving_http2
from tests.crawler.fetch.odd import CUT, TEXT, WHOLE
from tests.crawler.fetch.servers import client, serving

#: How much later each page was received again, unchanged.
LATER = timedelta(minutes=5)
AGAIN = " again"


@dataclass(frozen=True)
class Expected:
    """A capture that a replay tool is asked for."""

    name: str
    url: str
    at: datetime
    body: bytes


async def odd_answers() -> dict[str, Exchange]:
    talks = {}
    for name, odd in (WHOLE | CUT).items():
        async with serving(odd.sent, hang_up=True) as server, client() as visitor:
            exchange = await visitor.exchange(server.url())
        if exchange.body:
            talks[name] = exchange
    return talks | {"http/2": await _over_http2()}


async def _over_http2() -> Exchange:
    """Return a packed page that came in frames."""
    packed = gzip.compress(TEXT, mtime=0)
    with tempfile.TemporaryDirectory() as name:
        certificates = make_certificates(Path(name))
        answer = page(packed, HTML, (b"content-encoding", b"gzip"))
        async with (
            serving_http2(answer, tls=certificates.http2) as server,
            client(ssl_context=certificates.trusting, http2=True) as visitor,
        ):
            return await visitor.exchange(server.url("/story"))


def write(folder: Path, talks: dict[str, Exchange]) -> tuple[Path, list[Expected]]:
    now = datetime.now(UTC)
    segment = Segment(folder, software="kliping/test", operator="tests", now=now)
    expected = []
    with closing(segment):
        for name, first in talks.items():
            made = capture_records(first)
            segment.append([made.request, made.response, *made.strays])
            expected.append(Expected(name, first.url, first.started_at, first.body))
            again = replace(first, started_at=first.started_at + LATER)
            repeat = revisit_records(again, read_member(made.response))
            if repeat is not None and first.truncated is None:
                segment.append([repeat.request, repeat.response])
                seen = Expected(name + AGAIN, first.url, again.started_at, first.body)
                expected.append(seen)
        return folder / segment.seal().name, expected
