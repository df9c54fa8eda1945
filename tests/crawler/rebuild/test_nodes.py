"""The database of an archive that two nodes wrote, whose clocks differ by an hour."""

import shutil
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Column, update
from sqlmodel import Session, select

from crawler.rebuild.rebuilding import Rebuilt, rebuild, rebuild_onto
from storage.days.sealing import enter_day, next_day
from storage.model.link import Settlement
from storage.model.link_state import LinkState
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.ledger import settle
from storage.sql.migrate import migrate
from storage.sql.partitions import PARTITIONED, first_id
from storage.sql.rowsums import RowSum, row_sum
from storage.sql.tables import (
    ArticleRow,
    CaptureRow,
    EventRow,
    LinkRow,
    RecordRow,
    SegmentRow,
)
from storage.writer import Tx
from tests.crawler.rebuild.nodes import START, URL, Node, reading, settings, writing
from tests.postgres import Server
from tests.storage.noted import HEADLINE, LATER, read
from tests.torture.facts import Facts, differences, facts, hashes, without_nodes

BEHIND = timedelta(hours=-1)
LATER_ON = START + timedelta(days=2)


@pytest.fixture
def lost(postgres: Server) -> Iterator[str]:
    """The database that the nodes write, and that is lost in the end."""
    with postgres.empty() as url:
        migrate(url)
        yield url


@pytest.fixture
def there(postgres: Server) -> Iterator[str]:
    """The empty one that it is made again in."""
    with postgres.empty() as url:
        yield url


def by_turns(first: Node, other: Node) -> int:
    """Have both nodes archive and settle one link, by turns; return it."""
    link = first.enter()
    first.true = other.true = first.true + timedelta(minutes=1)
    original = first.keep(link)
    first.do(lambda tx: read(tx, link, original, HEADLINE))
    other.true = first.true + timedelta(minutes=1)
    repeat = other.keep(link, repeats=(first, original))
    other.do(lambda tx: read(tx, link, repeat, LATER))
    first.true = other.true + timedelta(minutes=1)
    first.do(lambda tx: settled(tx, link, LinkState.ERROR, "no route"))
    other.true = first.true + timedelta(minutes=1)
    other.do(lambda tx: settled(tx, link, LinkState.DEAD, "gone"))
    return link


def settled(tx: Tx, link: int, state: LinkState, reason: str) -> None:
    settle(tx.session, link, Settlement(state=state, reason=reason, next_run=None))


def made_again(place: Path, url: str, *, folders: int = 2) -> Rebuilt:
    also = [place / f"node-{number}" for number in range(1, folders)]
    config = settings(place / "node-0", url)
    return rebuild_onto(config, config.storage.database, LATER_ON, _nobody, also)


def told(url: str) -> Facts:
    """Return all rows, but for what a link answered last: that goes by the clocks."""
    found = facts(url)
    for row in found["link"].values():
        del row["fetched_at"], row["status"]
    return found


def _nobody(_done: int, _total: int) -> None:
    pass


@pytest.mark.parametrize("skews", [(timedelta(0), BEHIND), (BEHIND, timedelta(0))])
def test_what_was_settled_last_counts_whatever_the_clocks_say(
    tmp_path: Path, lost: str, there: str, skews: tuple[timedelta, timedelta]
) -> None:
    with writing(tmp_path, lost, *skews) as (first, other):
        by_turns(first, other)

    done = made_again(tmp_path, there)

    assert done.damages == ()
    assert differences(told(lost), told(there)) == []
    with reading(there) as session:
        (link,) = session.exec(select(LinkRow)).all()
        (article,) = session.exec(select(ArticleRow)).all()
        assert (link.state, article.versions) == ("dead", 2)


def test_a_revisit_finds_what_another_node_kept_by_a_later_clock(
    tmp_path: Path, lost: str, there: str
) -> None:
    with writing(tmp_path, lost, timedelta(0), BEHIND) as (first, other):
        by_turns(first, other)

    made_again(tmp_path, there)

    with reading(there) as session:
        rows = session.exec(select(CaptureRow).order_by(CaptureRow.fetched_at)).all()
        earlier, later = rows
        assert (earlier.revisit_of, later.revisit_of) == (later.id, None)
        assert earlier.payload_sha256 == later.payload_sha256


def test_numbers_of_notes_are_those_of_their_rows_and_go_on(
    tmp_path: Path, lost: str, there: str
) -> None:
    with writing(tmp_path, lost, timedelta(0), BEHIND) as (first, other):
        by_turns(first, other)
    before = ids(lost)

    made_again(tmp_path, there)
    assert ids(there) == before
    with writing(tmp_path, there, timedelta(0)) as (first,):
        first.enter("https://kabar.example/berita/9")

    assert ids(there)[: len(before)] == before
    assert ids(there)[-1] > before[-1]


def ids(url: str) -> list[int | None]:
    with reading(url) as session:
        return list(session.exec(select(RecordRow.id).order_by(RecordRow.id)))


def test_a_link_is_as_a_list_of_another_node_found_it(
    tmp_path: Path, lost: str, there: str
) -> None:
    """Its capture is met before the note that it was found, by the other's clock."""
    with writing(tmp_path, lost, timedelta(0), BEHIND) as (first, other):
        front = first.enter("https://kabar.example/")
        link = first.enter(on=front)
        other.true = first.true + timedelta(minutes=1)
        other.keep(link)

    made_again(tmp_path, there)

    assert differences(told(lost), told(there)) == []
    with reading(there) as session:
        found = select(LinkRow).where(LinkRow.key == URL)
        assert session.exec(found).one().found_on is not None


def test_each_node_has_its_files_and_days_again(
    tmp_path: Path, lost: str, there: str
) -> None:
    with writing(tmp_path, lost, timedelta(0), timedelta(0)) as (first, other):
        by_turns(first, other)
    seal_day(lost, first)
    seal_day(lost, other)

    made_again(tmp_path, there)

    found, was = told(there), told(lost)
    assert len(was["day"]) == 2
    assert differences(was, found) == []
    assert hashes(found) == hashes(was)


def seal_day(url: str, node: Node) -> None:
    """Put a node's first day under a root."""
    engine = writing_engine(url)
    with Session(engine) as session:
        sealed = next_day(node.folder, session, LATER_ON)
        assert sealed is not None
        enter_day(session, sealed, node.folder.node)
        session.commit()
    engine.dispose()


def test_a_store_alone_tells_whose_files_are_whose(
    tmp_path: Path, lost: str, there: str
) -> None:
    """Both machines are lost; a third makes the database again."""
    with writing(tmp_path, lost, timedelta(0), BEHIND) as (first, other):
        by_turns(first, other)
    for node in (first, other):
        seal_day(lost, node)
        for folder in (node.folder.warc, node.folder.fixity):
            shutil.copytree(
                folder, tmp_path / "store" / folder.name, dirs_exist_ok=True
            )
    config = settings(tmp_path / "third", there, f"file://{tmp_path}/store")

    rebuild_onto(config, config.storage.database, LATER_ON, _nobody)

    before, after = told(lost), told(there)
    assert {key: row["node"] for key, row in after["segment"].items()} == {
        key: row["node"] for key, row in before["segment"].items()
    }
    assert {row["state"] for row in after["segment"].values()} == {"uploaded"}
    del before["segment"], after["segment"]
    assert differences(before, after) == []
    assert len(after["day"]) == 2


def test_what_repeats_a_lost_nodes_record_is_damage(
    tmp_path: Path, lost: str, there: str
) -> None:
    with writing(tmp_path, lost, timedelta(0), timedelta(0)) as (first, other):
        by_turns(first, other)
    config = settings(tmp_path / "node-1", there)

    done = rebuild_onto(config, config.storage.database, LATER_ON, _nobody)

    assert done.captures == 0
    assert "repeats a record that is not there" in {one.why for one in done.damages}
    assert done.segments == 1


def test_a_file_has_the_rows_that_a_server_has(
    tmp_path: Path, lost: str, there: str
) -> None:
    """To the hash of each table but for whose files are whose, and when it was made."""
    with writing(tmp_path, lost, timedelta(0), BEHIND) as (first, other):
        by_turns(first, other)
    made_again(tmp_path, there)
    shutil.copytree(other.folder.warc, first.folder.warc, dirs_exist_ok=True)
    config = settings(tmp_path / "node-0")

    rebuild(config, tmp_path / "file", LATER_ON, _nobody, replace=False)

    take_months_off(there)
    assert sums(sqlite_url(tmp_path / "file")) == sums(there)
    assert (
        differences(
            without_nodes(told(lost)),
            without_nodes(told(sqlite_url(tmp_path / "file"))),
        )
        == []
    )


def take_months_off(url: str) -> None:
    """Leave of ids what was counted, as a file's are."""
    metadata = ArticleRow.metadata
    engine = writing_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("SET session_replication_role = replica")
        for table in metadata.sorted_tables:
            for column in table.columns:
                if _is_of_a_month(column):
                    less = column.bitwise_and(first_id(1) - 1)
                    connection.execute(update(table).values({column: less}))
    engine.dispose()


def _is_of_a_month(column: "Column[Any]") -> bool:
    names = {f"{name}.id" for name in PARTITIONED}
    named = {str(key.target_fullname) for key in column.foreign_keys}
    return bool(names & (named | {str(column)}))


def sums(url: str) -> dict[str, RowSum]:
    """Return the hashes that a copy is proved by."""
    left_out = {str(SegmentRow.__tablename__), "census", str(EventRow.__tablename__)}
    with reading(url) as session:
        return {
            table.name: row_sum(session.connection(), table)
            for table in ArticleRow.metadata.sorted_tables
            if table.name not in left_out
        }
