"""Articles to keep, made short."""

from datetime import UTC, datetime

from storage.model import Article, Block, BlockKind

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


def article(title: str, *paragraphs: str, **fields: object) -> Article:
    blocks = tuple(Block(kind=BlockKind.PARAGRAPH, text=text) for text in paragraphs)
    return Article(
        **{"url": "https://news.example/1", "title": title, "blocks": blocks, **fields}
    )
