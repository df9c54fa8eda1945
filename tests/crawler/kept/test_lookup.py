"""What a reference names in the archive."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlmodel import Session

from crawler.kept.lookup import article_named, link_named
from crawler.takedown import reach_of
from storage.model.takedown import Depth
from storage.sql.articles import keep_version
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.tables import HostRow, LinkRow
from tests.migrated import migrate_copy
from tests.storage.material import NOON, article

KEY = "news.example/the%20pier"


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    url = sqlite_url(tmp_path)
    migrate_copy(url)
    engine = writing_engine(url)
    with Session(engine) as opened:
        yield opened
    engine.dispose()


@pytest.mark.parametrize(
    "written",
    ["https://news.example/the pier", " https://news.example/the%20pier\n"],
    ids=["blank", "escaped"],
)
def test_an_address_with_blanks_is_found(session: Session, written: str) -> None:
    session.add(HostRow(key="news.example", free_at=NOON))
    link = LinkRow(
        host="news.example",
        url=f"https://{KEY}",
        key=KEY,
        kind="article",
        state="archived",
        found_at=NOON,
    )
    session.add(link)
    session.flush()
    kept = keep_version(
        session,
        link_id=int(link.id or 0),
        source_id=None,
        key=KEY,
        capture_id=None,
        captured_at=NOON,
        article=article("Pier", "The pier opens."),
        extractor="test",
    )

    assert link_named(session, written) is link
    found = article_named(session, written)
    assert found is not None
    assert found.id == kept.article_id
    assert reach_of(session, [written], Depth.HIDE).links == (link.id,)
