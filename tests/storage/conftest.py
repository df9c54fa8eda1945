from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session, SQLModel

from storage.sql import tables
from storage.sql.engine import sqlite_url, writing_engine


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """A new SQLite database with all tables."""
    assert tables.LinkRow.metadata is SQLModel.metadata
    engine = writing_engine(sqlite_url(tmp_path))
    SQLModel.metadata.create_all(engine)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in one transaction that is rolled back at the end."""
    with Session(engine) as session:
        yield session
