"""A migrated archive in a file, and rows to hang articles on."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage.model.article import Article
from storage.sql.articles import Kept, keep_version
from storage.sql.engine import reading_engine
from storage.sql.tables import HostRow, LinkRow, SourceRow
from tests.storage.material import NOON


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    with Session(engine) as session:
        session.add(HostRow(key="news.example", free_at=NOON))
        session.flush()
        yield session


@pytest.fixture
def reader(url: str, session: Session) -> Iterator[Session]:
    session.commit()
    engine = reading_engine(url)
    with Session(engine) as reading:
        yield reading
    engine.dispose()


@pytest.fixture
def add_source(session: Session) -> Callable[..., int]:
    def add(name: str, **fields: object) -> int:
        row = SourceRow(
            name=name,
            home=f"https://{name}.example/",
            settings={},
            created_at=NOON,
            **fields,
        )
        session.add(row)
        session.flush()
        return row.id or 0

    return add


@pytest.fixture
def add_link(session: Session) -> Callable[..., int]:
    def add(path: str, **fields: object) -> int:
        url = f"https://news.example/{path}"
        row = LinkRow(
            **{
                "host": "news.example",
                "url": url,
                "key": url,
                "kind": "article",
                "state": "waiting",
                "found_at": NOON,
                **fields,
            }
        )
        session.add(row)
        session.flush()
        return row.id or 0

    return add


@pytest.fixture
def keep(session: Session, add_link: Callable[..., int]) -> Callable[..., Kept]:
    """Keep an article; a link of its own is made unless one is named."""

    def keep_one(kept: Article, **fields: object) -> Kept:
        if "link_id" not in fields:
            fields["link_id"] = add_link(str(hash((kept.title, kept.text))))
        link_id = fields["link_id"]
        return keep_version(
            session,
            **{
                "source_id": None,
                "key": f"key {link_id}",
                "capture_id": None,
                "captured_at": NOON,
                "article": kept,
                "extractor": "1",
                **fields,
            },
        )

    return keep_one
