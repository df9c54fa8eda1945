"""Exchanges, works and archives to keep in tests."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, SQLModel, select

from storage.folder import DataFolder
from storage.model.exchange import Exchange
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.tables import CaptureRow, SegmentRow
from storage.warc.capture import CaptureRecords, capture_records
from storage.warc.segment import Segment
from storage.writer import Tx, Writer

NOW = datetime(2026, 11, 22, 17, 44, 18, 250_000, tzinfo=UTC)


def exchange(number: int = 0, **changes: object) -> Exchange:
    """Return a small exchange; different numbers are different pages."""
    body = f"<p>Berita nomor {number}</p>".encode() * 20
    head = b"HTTP/1.1 200 OK\r\nContent-Type: text/html\r\n\r\n"
    fields: dict[str, Any] = {
        "url": f"https://kabar.example/berita/{number}",
        "started_at": NOW + timedelta(microseconds=number),
        "elapsed": timedelta(milliseconds=120),
        "request": b"GET /berita HTTP/1.1\r\nHost: kabar.example\r\n\r\n",
        "response": head + body,
        "status": 200,
        "headers": (("Content-Type", "text/html"),),
        "body": body,
        "ip": "192.0.2.7",
        "tls": ("TLSv1.3", "TLS_AES_256_GCM_SHA384"),
    }
    return Exchange(**(fields | changes))


def capture_row(seen: Exchange, records: CaptureRecords, **place: object) -> CaptureRow:
    """Return the row of a capture."""
    return CaptureRow(
        url=seen.url,
        fetched_at=seen.started_at,
        elapsed_ms=120,
        record_sha256=records.record_sha256,
        request_sha256=records.request_sha256,
        payload_sha256=records.payload_sha256,
        status=seen.status,
        **place,
    )


def keeping(number: int = 0) -> Callable[[Tx], int]:
    """Return a work that keeps one exchange and answers with its capture's id."""

    def keep(tx: Tx) -> int:
        seen = exchange(number)
        records = capture_records(seen)
        request, response = tx.append([records.request, records.response])
        row = capture_row(
            seen,
            records,
            segment=response.segment,
            offset=response.offset,
            length=response.length,
            request_offset=request.offset,
            request_length=request.length,
        )
        tx.session.add(row)
        tx.session.flush()
        assert row.id is not None
        return row.id

    return keep


@dataclass(frozen=True)
class Kept:
    """A data folder with its tables made."""

    folder: DataFolder
    engine: Engine

    def open_segment(self) -> Segment:
        return Segment(
            self.folder.warc, software="kliping/test", operator="tests", now=NOW
        )

    @contextmanager
    def writer(self, **settings: object) -> Iterator[Writer]:
        writer = Writer(
            self.engine, self.open_segment, **({"now": lambda: NOW} | settings)
        )
        try:
            yield writer
        finally:
            writer.close()

    def segments(self) -> list[SegmentRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(SegmentRow).order_by(SegmentRow.id)))

    def captures(self) -> list[CaptureRow]:
        with Session(self.engine) as session:
            return list(session.exec(select(CaptureRow).order_by(CaptureRow.id)))

    def files(self) -> list[str]:
        return sorted(path.name for path in self.folder.warc.iterdir())

    def keep(self, *numbers: int) -> None:
        """Keep exchanges and seal the segment they are in."""
        with self.writer() as writer:
            for future in [writer.submit(keeping(n)) for n in numbers]:
                future.result(timeout=20)


@contextmanager
def kept(path: Path, url: str = "") -> Iterator[Kept]:
    """Open a data folder; its tables are made if they are not there."""
    folder = DataFolder(path)
    engine = writing_engine(url or sqlite_url(path))
    SQLModel.metadata.create_all(engine)
    try:
        yield Kept(folder, engine)
    finally:
        engine.dispose()
