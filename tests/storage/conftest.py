"""Migrated archives on each database, emptied behind every test."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlmodel import Session

from storage import failpoints
from storage.folder import DataFolder
from storage.sql.engine import sqlite_url, writing_engine
from tests.migrated import empty_database
from tests.postgres import Server
from tests.storage.kept import Kept, kept


@pytest.fixture(autouse=True)
def _unarmed(monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave no failpoint armed behind a test."""
    monkeypatch.setattr(failpoints, "_armed", None)


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A migrated archive on each database; ON_SQLITE keeps a test to one."""
    if request.param == "postgresql":
        server: Server = request.getfixturevalue("postgres")
        with server.migrated() as address:
            yield address
        return
    DataFolder(tmp_path).database.write_bytes(empty_database())
    yield sqlite_url(tmp_path)


@pytest.fixture
def engine(url: str) -> Iterator[Engine]:
    engine = writing_engine(url)
    yield engine
    engine.dispose()


@pytest.fixture
def session(engine: Engine) -> Iterator[Session]:
    """A session in one transaction that is rolled back at the end."""
    with Session(engine) as session:
        yield session


@pytest.fixture
def archive(url: str, tmp_path: Path) -> Iterator[Kept]:
    """A data folder that this test writes."""
    with kept(tmp_path, url) as opened:
        yield opened
