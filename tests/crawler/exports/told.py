"""Versions as an export is given them, made short."""

from datetime import UTC, datetime

from storage.documents import article_document
from storage.model.article import Article, Block, BlockKind
from storage.sql.selection import Told

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def article(title: str = "A pier", *texts: str, **fields: object) -> Article:
    blocks = tuple(
        Block(kind=BlockKind.PARAGRAPH, text=text) for text in texts or ("One.",)
    )
    return Article(
        **{"url": "https://news.example/a", "title": title, "blocks": blocks, **fields}
    )


def told(what: Article | None = None, **changes: object) -> Told:
    what = what or article()
    members = {
        "id": 7,
        "version": 1,
        "versions": 1,
        "change": "first",
        "state": "present",
        "url": "https://news.example/a?x=1&y=2",
        "title": what.title,
        "text": what.text,
        "document": article_document(what),
        "source": "News",
        "first_seen": AT,
        "last_seen": AT,
        "captured_at": AT,
        "gone_at": None,
        "extractor": "kliping-1",
        "link_id": 3,
        "version_id": 9,
        "capture_id": None,
        "status": None,
        "warc_file": None,
        "warc_offset": None,
        "warc_length": None,
        "warc_sha256": None,
        "payload_sha256": None,
        "cluster": None,
    }
    return Told(**{**members, **changes})
