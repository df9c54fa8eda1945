"""Articles to keep, made short."""

from datetime import UTC, datetime

import pytest
from sqlmodel import Session, select

from storage.model.article import Article, Block, BlockKind
from storage.sql.tables import CaptureRow, SegmentRow

SEGMENT = "a.warc.gz"
ON_SQLITE = pytest.mark.parametrize("url", ["sqlite"], indirect=True)
"""Of a test of what only SQLite does; all others run on PostgreSQL too."""
"""Marks tests that run on both databases."""

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def add_capture(session: Session, **changes: object) -> int:
    """Enter a capture in a segment that is there for it; return its id."""
    if session.exec(select(SegmentRow)).first() is None:
        session.add(SegmentRow(name=SEGMENT, opened_at=NOON))
        session.flush()
    row = CaptureRow(
        **{
            "url": "https://news.example/1",
            "fetched_at": NOON,
            "elapsed_ms": 5,
            "segment": SEGMENT,
            "offset": 0,
            "length": 9,
            "request_offset": 9,
            "request_length": 9,
            "record_sha256": "0",
            "payload_sha256": "0",
            "status": 200,
            **changes,
        }
    )
    session.add(row)
    session.flush()
    return row.id or 0


def article(title: str, *paragraphs: str, **fields: object) -> Article:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Article(
        **{"url": "https://news.example/1", "title": title, "blocks": blocks, **fields}
    )
