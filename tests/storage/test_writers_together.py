"""Two nodes write to one PostgreSQL at once, and the server ends their connections."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import text
from sqlmodel import Session, select, update

from storage.sql.events import add_event, list_events
from storage.sql.tables import CaptureRow, HostRow, SegmentRow, TurnRow
from storage.warc.reader import walk
from storage.writer import Tx, Writer
from tests.postgres import Server
from tests.storage.kept import NOW, Kept, keeping, kept

SECONDS = 30


@pytest.fixture
def nodes(postgres: Server, tmp_path: Path) -> Iterator[tuple[Kept, Kept]]:
    with postgres.migrated() as url, ExitStack() as stack:
        first, second = (
            stack.enter_context(kept(tmp_path / name, url)) for name in ("a", "b")
        )
        yield first, second


def hosts(archive: Kept, *names: str) -> None:
    with Session(archive.engine) as session:
        for name in names:
            session.add(HostRow(key=name, free_at=NOW))
        session.commit()


def both(
    work: Callable[[int, Writer], Any], writers: tuple[Writer, Writer]
) -> list[Any]:
    """Have each writer do its work at the same time; return what they answered."""
    with ThreadPoolExecutor(2) as pool:
        done = [pool.submit(work, n, one) for n, one in enumerate(writers)]
        return [one.result(SECONDS) for one in done]


def test_who_stood_in_each_others_way_are_done_again(nodes: tuple[Kept, Kept]) -> None:
    hosts(nodes[0], "x.example", "y.example")
    met = threading.Barrier(2)
    begun = [0, 0]

    def raise_fences(number: int, writer: Writer) -> int:
        order = ("x.example", "y.example") if number else ("y.example", "x.example")

        def work(tx: Tx) -> int:
            begun[number] += 1
            for name in order:
                raised = update(HostRow).where(HostRow.key == name)
                tx.session.exec(raised.values(fence=HostRow.fence + 1))
                if begun[number] == 1 and name == order[0]:
                    met.wait(SECONDS)
            return keeping(number)(tx)

        return writer.submit(work).result(SECONDS)

    with nodes[0].writer(node="a") as one, nodes[1].writer(node="b") as other:
        both(raise_fences, (one, other))

    with Session(nodes[0].engine) as session:
        fences = session.exec(select(HostRow.fence)).all()
        captures = session.exec(select(CaptureRow.segment)).all()
    assert list(fences) == [2, 2]
    assert sum(begun) == 3
    assert len(captures) == 2


def test_an_event_is_not_numbered_before_those_that_were_seen(
    nodes: tuple[Kept, Kept],
) -> None:
    """One node is slow to commit; whoever reads meanwhile misses nothing later."""
    begun, seen = threading.Event(), threading.Event()

    def add(tx: Tx) -> None:
        add_event(tx.session, "article.new", {}, NOW, send_at=None)

    def add_slowly(tx: Tx) -> None:
        add(tx)
        begun.set()
        assert seen.wait(SECONDS)

    with nodes[0].writer(node="a") as one, nodes[1].writer(node="b") as other:
        slow = one.submit(add_slowly)
        assert begun.wait(SECONDS)
        other.submit(add).result(SECONDS)
        with Session(nodes[1].engine) as session:
            (first,) = list_events(session, after=0, limit=9)
        seen.set()
        slow.result(SECONDS)

    with Session(nodes[0].engine) as session:
        assert len(list_events(session, after=first.id, limit=9)) == 1


def test_a_row_that_another_made_at_once_is_found_the_second_time(
    nodes: tuple[Kept, Kept],
) -> None:
    met = threading.Barrier(2)
    waited = [False, False]

    def make(number: int, writer: Writer) -> bool:
        def work(tx: Tx) -> bool:
            known = tx.session.get(TurnRow, "news.example")
            if not waited[number]:
                waited[number] = True
                met.wait(SECONDS)
            if known is None:
                tx.session.add(TurnRow(key="news.example", free_at=NOW))
                tx.session.flush()
            return known is None

        return writer.submit(work).result(SECONDS)

    with nodes[0].writer(node="a") as one, nodes[1].writer(node="b") as other:
        made = both(make, (one, other))

    assert sorted(made) == [False, True]


def test_a_connection_that_is_ended_costs_nothing(nodes: tuple[Kept, Kept]) -> None:
    archive, other = nodes
    with archive.writer(node="a") as writer:
        first = writer.submit(keeping(1)).result(SECONDS)
        ended = [False]

        def end_and_keep(tx: Tx) -> int:
            if not ended[0]:
                ended[0] = True
                (pid,) = tx.session.execute(text("SELECT pg_backend_pid()")).one()
                with other.engine.begin() as connection:
                    connection.execute(text(f"SELECT pg_terminate_backend({pid})"))
            return keeping(2)(tx)

        second = writer.submit(end_and_keep).result(SECONDS)

    assert [row.id for row in archive.captures()] == [first, second]
    (segment,) = archive.segments()
    path = archive.folder.segment(segment.name)
    assert path is not None
    assert (segment.state, segment.size) == ("sealed", path.stat().st_size)
    assert [one.error for one in walk(path)] == [None] * 5


def test_each_node_recovers_its_own_files(nodes: tuple[Kept, Kept]) -> None:
    from storage.recovery import recover

    with nodes[0].writer(node="a") as one, nodes[1].writer(node="b") as other:
        one.submit(keeping(1)).result(SECONDS)
        other.submit(keeping(2)).result(SECONDS)
        nodes[0].folder.node = "a"
        with Session(nodes[0].engine) as session:
            rows = session.exec(select(SegmentRow.node, SegmentRow.state)).all()

    assert sorted(rows) == [("a", "open"), ("b", "open")]
    with Session(nodes[0].engine) as session:
        assert recover(nodes[0].folder, session, NOW).missing == ()


def test_a_commit_is_on_disk_whatever_the_server_is_set_to(
    nodes: tuple[Kept, Kept],
) -> None:
    with nodes[0].writer(node="a") as writer:
        asked = text("SHOW synchronous_commit")
        told = writer.submit(lambda tx: tx.session.execute(asked).scalar_one())

        assert told.result(SECONDS) == "on"
