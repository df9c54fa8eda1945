"""Sources entered together are as if each were entered by itself."""

from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event
from sqlmodel import Session, col, select

from crawler.config.tree import Config, Source
from crawler.errors import UsageError
from crawler.sources.watching import add_source, add_sources, put_sources
from storage.sql.tables import HostRow, LinkRow, SourceRow
from storage.writer import Tx
from tests.crawler.desk import Desk, open_desk

pytestmark = pytest.mark.anyio

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
_LINK = ("source_id", "url", "kind", "state", "next_run", "found_on", "ways", "guid")


def source(name: str, **settings: object) -> Source:
    home = f"https://{name.split(maxsplit=1)[0]}.invalid/"
    return Source.model_validate({"name": name, "home": home, **settings})


SOURCES = [
    source("mill"),
    source("inn", feeds=["https://inn.invalid/a", "https://inn.invalid/b"]),
    source("quay", state="paused"),
    source("mill 2", home="https://mill.invalid/2"),
    source("inn 2", feeds=["https://inn.invalid/b", "https://inn.invalid/c"]),
    source("twice", sections=["http://twice.invalid/a", "https://twice.invalid/a"]),
]


@pytest.fixture
async def desk(tmp_path: Path) -> AsyncIterator[Desk]:
    async with open_desk(tmp_path / "data") as desk:
        yield desk


def known(session: Session) -> dict[str, Any]:
    names = {row.id: row.name for row in session.exec(select(SourceRow))}
    links = {
        link.key: [names.get(link.source_id), *(getattr(link, x) for x in _LINK[1:])]
        for link in session.exec(select(LinkRow))
    }
    rows = {
        row.name: (row.state, row.settings) for row in session.exec(select(SourceRow))
    }
    return {
        "links": links,
        "rows": rows,
        "hosts": set(session.exec(select(HostRow.key))),
    }


@contextmanager
def counted(session: Session) -> Iterator[list[str]]:
    said: list[str] = []

    def note(_c: object, _k: object, statement: str, *_: object) -> None:
        said.append(statement)

    engine = session.get_bind()
    event.listen(engine, "before_cursor_execute", note)
    try:
        yield said
    finally:
        event.remove(engine, "before_cursor_execute", note)


async def entered(
    desk: Desk, sources: Sequence[Source], before: int = 0
) -> dict[str, Any]:
    config = Config()

    def enter(tx: Tx) -> dict[str, Any]:
        for one in sources[:before]:
            add_source(tx.session, one, config, NOW)
        rows = add_sources(tx.session, sources, config, NOW)
        assert [row.name for row in rows] == [one.name for one in sources]
        return known(tx.session)

    return await desk.means.writer.run(enter)


@pytest.mark.parametrize("before", [0, 2], ids=["new", "two known"])
async def test_sources_entered_together_are_as_if_entered_alone(
    desk: Desk, tmp_path: Path, before: int
) -> None:
    def one_by_one(tx: Tx) -> dict[str, Any]:
        for one in SOURCES:
            add_source(tx.session, one, Config(), NOW)
        return known(tx.session)

    async with open_desk(tmp_path / "other") as other:
        alone = await other.means.writer.run(one_by_one)

    assert await entered(desk, SOURCES, before) == alone


async def test_a_source_whose_lists_are_all_read_already_is_refused(
    desk: Desk,
) -> None:
    with pytest.raises(UsageError, match="'again' would bring nothing: 'mill'"):
        await entered(
            desk, [source("mill"), source("again", home="https://mill.invalid/")]
        )


async def test_sources_of_the_settings_are_entered_in_few_statements(
    desk: Desk,
) -> None:
    """A first start with 10,000 took a minute of CPU."""
    many = [source(f"paper {n}", home=f"https://p{n}.invalid/") for n in range(900)]

    def put(tx: Tx) -> tuple[int, int]:
        with counted(tx.session) as said:
            put_sources(tx.session, Config(sources=tuple(many)), NOW)
        asked = select(LinkRow).where(col(LinkRow.next_run).is_not(None))
        return len(said), len(tx.session.exec(asked).all())

    statements, links = await desk.means.writer.run(put)

    assert links == 900
    assert statements < 60
