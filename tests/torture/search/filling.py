"""Archives filled with texts, without pages behind them."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import Engine
from sqlmodel import Session

from storage.model.article import Article, Block, BlockKind
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.migrate import migrate
from storage.sql.search import index_article
from storage.sql.tables import ArticleRow, HostRow, LinkRow, VersionRow
from tests.postgres import serving

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
_HOST = "news.example"


@contextmanager
def archives() -> Iterator[dict[str, Engine]]:
    """Give an empty archive on each database."""
    with TemporaryDirectory() as folder, serving() as server, server.migrated() as url:
        urls = {"sqlite": sqlite_url(Path(folder)), "postgresql": url}
        migrate(urls["sqlite"])
        engines = {name: writing_engine(address) for name, address in urls.items()}
        yield engines
        for engine in engines.values():
            engine.dispose()


def enter(session: Session, title: str, text: str, language: str) -> int:
    """Archive an article that never had a page; return its id."""
    if session.get(HostRow, _HOST) is None:
        session.add(HostRow(key=_HOST, free_at=NOON))
        session.flush()
    url = f"https://{_HOST}/{language}/{title}"
    link = LinkRow(
        host=_HOST,
        url=url,
        key=url,
        kind="article",
        state="archived",
        found_at=NOON,
    )
    session.add(link)
    session.flush()
    row = ArticleRow(
        link_id=link.id or 0,
        key=url,
        url=url,
        title=title,
        authors=[],
        language=language,
        first_seen=NOON,
        last_seen=NOON,
    )
    session.add(row)
    session.flush()
    version = VersionRow(
        article_id=row.id or 0,
        number=1,
        captured_at=NOON,
        change="first",
        title=title,
        text=text,
        story_sha256="",
        extractor="",
        document={},
    )
    session.add(version)
    block = Block(kind=BlockKind.PARAGRAPH, text=text)
    article = Article(url=url, title=title, blocks=(block,))
    index_article(session, row.id or 0, article)
    return row.id or 0
