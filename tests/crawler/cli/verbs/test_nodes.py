"""`kliping nodes`: what one left is read by another, from the object store."""

import asyncio
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.service.opening import open_service
from storage.sql.migrate import migrate
from tests.crawler.cli.conftest import Command
from tests.crawler.rebuild.nodes import START, Node, writing
from tests.crawler.rebuild.nodes import settings as settings_of
from tests.postgres import Server

HOUR = timedelta(hours=1)


@pytest.fixture
def shared(postgres: Server) -> Iterator[str]:
    with postgres.empty() as url:
        migrate(url)
        yield url


@pytest.fixture
def kliping(
    kliping: Command,
    config: Path,
    settings: dict[str, Any],
    shared: str,
    tmp_path: Path,
) -> Command:
    """The command, on a node beside those of `left`."""
    settings["storage"] |= {
        "database": shared.replace("+psycopg", ""),
        "objects": f"file://{tmp_path}/store",
    }
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")
    return kliping


def left(place: Path, url: str, silent: timedelta) -> Node:
    """Have a node keep something that it does not read, that long ago."""
    skew = datetime.now(UTC) - START - silent
    with writing(place, url, skew) as (node,):
        node.keep(node.enter(), to_read=True)
    return node


async def push(folder: Path, url: str, store: Path) -> None:
    async with open_service(settings_of(folder, url, f"file://{store}")) as service:
        await service.push_objects()


def test_what_a_node_left_in_the_store_is_read_by_another(
    kliping: Command, shared: str, tmp_path: Path
) -> None:
    node = left(tmp_path, shared, HOUR)
    asyncio.run(push(node.folder.path, shared, tmp_path / "store"))
    name = node.folder.node
    (before,) = kliping("nodes", "list").rows

    done = kliping("nodes", "adopt", name)

    assert (before["node"], before["uploaded"], before["unread"]) == (name, 1, 1)
    assert done.code == 0, done.err
    assert done.rows == [{"files": 1, "read": 1, "left": 0, "left_unread": 0}]
    found = kliping("nodes", "list").rows
    assert {row["node"] for row in found} - {name}
    assert [row["unread"] for row in found] == [0] * len(found)
    assert kliping("verify", "--full").code == 0


def test_what_is_in_its_folder_alone_is_told(
    kliping: Command, shared: str, tmp_path: Path
) -> None:
    node = left(tmp_path, shared, HOUR)

    done = kliping("nodes", "adopt", node.folder.node)

    assert done.rows == [{"files": 0, "read": 0, "left": 1, "left_unread": 1}]
    assert "data folder alone" in done.err


def test_a_node_that_seems_to_be_alive_is_left_alone(
    kliping: Command, shared: str, tmp_path: Path
) -> None:
    node = left(tmp_path, shared, timedelta(minutes=1))

    done = kliping("nodes", "adopt", node.folder.node)

    assert done.code == 2
    assert "is it alive?" in done.err
    assert kliping("nodes", "list").rows[0]["node"] == node.folder.node
