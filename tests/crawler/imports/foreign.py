"""WARC files as others write them, by warcio."""

import gc
import io
import warnings
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from warcio.statusandheaders import StatusAndHeaders
from warcio.warcwriter import WARCWriter

HTML = ("Content-Type", "text/html; charset=utf-8")


@dataclass(frozen=True, kw_only=True)
class Wrote:
    """A record to be written.

    `request` says where its request stands: before, behind, or nowhere.
    """

    url: str
    body: bytes = b"<html><p>text</p></html>"
    headers: Sequence[tuple[str, str]] = (HTML,)
    status: str = "200 OK"
    protocol: str = "HTTP/1.1"
    date: str = "2016-10-01T12:00:00Z"
    kind: str = "response"
    request: str = "nowhere"
    more: dict[str, str] = field(default_factory=dict)


def write_warc(
    path: Path, *records: Wrote, packed: bool = True, version: str = "WARC/1.0"
) -> Path:
    """Write records to a file, a warcinfo before them.

    warcio leaves its temporary files to the collector.
    """
    with path.open("wb") as out, warnings.catch_warnings():
        warnings.simplefilter("ignore", ResourceWarning)
        writer = WARCWriter(out, gzip=packed, warc_version=version)
        info = {"software": "StormCrawler 1.1", "robots": "classic"}
        writer.write_record(writer.create_warcinfo_record(path.name, info))
        for one in records:
            _write(writer, one)
        gc.collect(0)
    return path


def _write(writer: WARCWriter, one: Wrote) -> None:
    record = writer.create_warc_record(
        one.url,
        one.kind,
        payload=io.BytesIO(one.body),
        http_headers=StatusAndHeaders(
            one.status, list(one.headers), protocol=one.protocol
        ),
        warc_headers_dict={"WARC-Date": one.date, **one.more},
    )
    sent = _request(writer, one, record.rec_headers["WARC-Record-ID"])
    if one.request == "before":
        writer.write_record(sent)
    writer.write_record(record)
    if one.request == "behind":
        writer.write_record(sent)


def _request(writer: WARCWriter, one: Wrote, of: str) -> object:
    head = StatusAndHeaders(
        "GET / HTTP/1.1", [("Host", "news.example")], is_http_request=True
    )
    return writer.create_warc_record(
        one.url,
        "request",
        http_headers=head,
        warc_headers_dict={"WARC-Date": one.date, "WARC-Concurrent-To": of},
    )
