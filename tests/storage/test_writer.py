import asyncio
import itertools
import sqlite3
import threading
from collections.abc import Callable
from concurrent.futures import CancelledError, Future
from contextlib import suppress
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event, insert, text
from sqlalchemy.exc import DBAPIError, IntegrityError, OperationalError
from sqlmodel import Session, select

from storage.errors import DiskFull, WriteFailed
from storage.faults import sql_error
from storage.sql.partitions import counted
from storage.sql.tables import CaptureRow, SegmentRow
from storage.warc.reader import walk
from storage.warc.segment import file_sha256
from storage.writer import Tx, Writer
from tests.storage.kept import NOW, Kept, exchange, keeping, kept
from tests.storage.material import ON_SQLITE

SECONDS = 20


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


class Gate:
    """Holds the writer in a work, so that what follows shares a batch."""

    def __init__(self, writer: Writer) -> None:
        self._open = threading.Event()
        reached = threading.Event()

        def wait(_tx: Tx) -> None:
            reached.set()
            self._open.wait(SECONDS)

        writer.submit(wait)
        reached.wait(SECONDS)

    def open(self) -> None:
        self._open.set()


def _together(writer: Writer, *works: Callable[[Tx], object]) -> list[Future[Any]]:
    gate = Gate(writer)
    futures = [writer.submit(work) for work in works]
    gate.open()
    return futures


def _fail(_tx: Tx) -> None:
    raise ValueError("not this one")


def _keep_and_fail(tx: Tx) -> None:
    keeping(99)(tx)
    raise ValueError("not this one")


def _urls(archive: Kept) -> list[str]:
    return [row.url for row in archive.captures()]


def test_a_kept_capture_has_its_row_and_its_records(archive: Kept) -> None:
    with archive.writer() as writer:
        assert counted(writer.submit(keeping(1)).result(SECONDS)) == 1

    (segment,) = archive.segments()
    walked = list(walk(archive.folder.segment(segment.name)))
    assert _urls(archive) == [exchange(1).url]
    assert [w.record.kind for w in walked] == ["warcinfo", "request", "response"]


def test_closing_seals_the_segment_and_records_it(archive: Kept) -> None:
    archive.keep(1, 2)

    (segment,) = archive.segments()
    path = archive.folder.warc / segment.name
    assert segment.state == "sealed"
    assert segment.size == path.stat().st_size
    assert segment.sha256 == file_sha256(path)
    assert segment.sealed_at == NOW


def test_an_open_segment_is_recorded_with_its_committed_size(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)

        (segment,) = archive.segments()
        path = archive.folder.segment(segment.name)
        assert segment.state == "open"
        assert segment.size == path.stat().st_size
        assert path.suffix == ".open"


def test_without_an_append_no_segment_is_made(archive: Kept) -> None:
    with archive.writer() as writer:
        assert writer.submit(lambda _: 7).result(SECONDS) == 7

    assert archive.files() == []
    assert archive.segments() == []


def test_a_work_that_raises_is_undone_alone(archive: Kept) -> None:
    with archive.writer() as writer:
        before, failed, after = _together(
            writer, keeping(1), _keep_and_fail, keeping(2)
        )

        with pytest.raises(ValueError, match="not this one"):
            failed.result(SECONDS)
        assert before.result(SECONDS) < after.result(SECONDS)

    (segment,) = archive.segments()
    assert _urls(archive) == [exchange(1).url, exchange(2).url]
    walked = list(walk(archive.folder.segment(segment.name)))
    assert [w.error for w in walked] == [None] * 5
    assert segment.sha256 == file_sha256(archive.folder.warc / segment.name)


def test_a_segment_opened_by_a_work_that_raised_serves_the_next(archive: Kept) -> None:
    with archive.writer() as writer:
        failed, kept_one = _together(writer, _keep_and_fail, keeping(1))

        assert kept_one.result(SECONDS)
        assert failed.exception(SECONDS)

    assert [s.state for s in archive.segments()] == ["sealed"]


def test_a_segment_in_which_nothing_was_kept_is_removed(archive: Kept) -> None:
    with archive.writer() as writer:
        assert writer.submit(_keep_and_fail).exception(SECONDS)

    assert archive.files() == []
    assert archive.segments() == []


def test_rows_are_visible_to_others_once_acknowledged(
    archive: Kept, url: str, tmp_path: Path
) -> None:
    with archive.writer() as writer, kept(tmp_path, url) as other:
        writer.submit(keeping(1)).result(SECONDS)

        assert len(other.captures()) == 1


def test_a_batch_is_one_transaction(archive: Kept) -> None:
    commits = []
    event.listen(archive.engine, "commit", commits.append)
    with archive.writer(batch=3) as writer:
        for future in _together(writer, keeping(1), keeping(2), keeping(3), keeping(4)):
            future.result(SECONDS)

    # The gate alone, three, one, and the sealing.
    assert len(commits) == 4


def test_those_who_shared_a_commit_are_waited_for(archive: Kept) -> None:
    commits = []
    with archive.writer(window=timedelta(seconds=SECONDS)) as writer:
        for future in _together(writer, keeping(1), keeping(2)):
            future.result(SECONDS)
        event.listen(archive.engine, "commit", commits.append)

        first = writer.submit(keeping(3))
        second = writer.submit(keeping(4))
        first.result(SECONDS)
        second.result(SECONDS)

        assert len(commits) == 1


def test_a_work_may_commit_its_session_and_is_still_undone_whole(archive: Kept) -> None:
    def commit_then_fail(tx: Tx) -> None:
        keeping(1)(tx)
        tx.session.commit()
        raise ValueError("after all")

    with archive.writer() as writer:
        assert writer.submit(commit_then_fail).exception(SECONDS)

    assert _urls(archive) == []


def test_rows_that_a_work_returns_can_be_read(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)
        row = writer.submit(
            lambda tx: tx.session.exec(select(CaptureRow)).one()
        ).result(SECONDS)

        assert row.url == exchange(1).url


def test_a_broken_rule_of_the_schema_reaches_its_submitter(archive: Kept) -> None:
    def orphan(tx: Tx) -> None:
        tx.session.execute(text("INSERT INTO article (link_id, key) VALUES (404, 'x')"))

    with archive.writer() as writer:
        assert isinstance(writer.submit(orphan).exception(SECONDS), IntegrityError)


def test_a_failed_statement_is_a_failed_write(archive: Kept) -> None:
    with archive.writer() as writer:
        failed = writer.submit(lambda tx: tx.session.execute(text("SELECT * FROM no")))

        error = failed.exception(SECONDS)
        assert isinstance(error, WriteFailed)
        assert isinstance(error.__cause__, DBAPIError)


def test_below_the_floor_appends_are_refused_and_rows_go_on(archive: Kept) -> None:
    with archive.writer(reserve_bytes=10**18) as writer:
        refused, served = _together(writer, keeping(1), lambda _: 7)

        assert isinstance(refused.exception(SECONDS), DiskFull)
        assert served.result(SECONDS) == 7

    assert archive.files() == []


def test_a_segment_is_sealed_when_it_is_long(archive: Kept) -> None:
    with archive.writer(rotate_bytes=1) as writer:
        for number in (1, 2):
            writer.submit(keeping(number)).result(SECONDS)

    assert [s.state for s in archive.segments()] == ["sealed", "sealed"]
    assert len({row.segment for row in archive.captures()}) == 2


def test_a_segment_is_sealed_when_it_is_old(archive: Kept) -> None:
    clock = [NOW]
    with archive.writer(
        now=lambda: clock[0], rotate_after=timedelta(hours=24)
    ) as writer:
        writer.submit(keeping(1)).result(SECONDS)
        clock[0] = NOW + timedelta(hours=24)
        for number in (2, 3):
            writer.submit(keeping(number)).result(SECONDS)

        assert archive.segments()[0].state == "sealed"


def test_a_segment_is_sealed_when_it_is_old_and_nobody_writes(archive: Kept) -> None:
    commits, sealed = itertools.count(1), threading.Event()
    event.listen(
        archive.engine, "commit", lambda _: next(commits) == 2 and sealed.set()
    )
    ticks = (NOW + timedelta(milliseconds=5 * n) for n in itertools.count())
    settings = {"now": lambda: next(ticks), "rotate_after": timedelta(milliseconds=50)}
    with archive.writer(**settings) as writer:
        writer.submit(keeping(1)).result(SECONDS)

        assert sealed.wait(SECONDS)


def test_a_closed_writer_takes_nothing(archive: Kept) -> None:
    with archive.writer() as writer:
        pass
    writer.close()

    with pytest.raises(RuntimeError):
        writer.submit(_fail)


def test_closing_finishes_what_was_submitted(archive: Kept) -> None:
    with archive.writer() as writer:
        futures = [writer.submit(keeping(n)) for n in range(20)]

    assert [counted(f.result(0)) for f in futures] == list(range(1, 21))


def test_a_work_taken_back_in_time_is_not_done(archive: Kept) -> None:
    with archive.writer() as writer:
        gate = Gate(writer)
        future = writer.submit(keeping(1))
        future.cancel()
        gate.open()

    with pytest.raises(CancelledError):
        future.result(0)
    assert _urls(archive) == []


@pytest.mark.anyio
async def test_a_work_is_awaited(archive: Kept) -> None:
    with archive.writer() as writer:
        assert counted(await writer.run(keeping(1))) == 1


@pytest.mark.anyio
async def test_cancelling_the_wait_does_not_undo_what_was_begun(archive: Kept) -> None:
    begun, go_on = threading.Event(), threading.Event()

    def slow(tx: Tx) -> None:
        begun.set()
        go_on.wait(SECONDS)
        return keeping(1)(tx)

    with archive.writer() as writer:
        waiting = asyncio.create_task(writer.run(slow))
        await asyncio.to_thread(begun.wait, SECONDS)
        waiting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await waiting
        go_on.set()

    assert _urls(archive) == [exchange(1).url]


@ON_SQLITE
def test_a_locked_database_fails_the_batch(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)
        writer.submit(
            lambda tx: tx.session.execute(text("PRAGMA busy_timeout=1"))
        ).result(SECONDS)
        other = sqlite3.connect(archive.folder.database, isolation_level=None)
        other.execute("BEGIN IMMEDIATE")

        error = writer.submit(keeping(2)).exception(SECONDS)

        other.close()
        assert isinstance(error, WriteFailed)
        assert "locked" in str(error)
        assert writer.submit(keeping(3)).result(SECONDS)


@pytest.mark.parametrize("failing", [{0}, {3}, {6}, {1, 2, 5}, set(range(7))])
def test_works_that_fail_are_undone_and_the_others_kept_once_in_order(
    archive: Kept, failing: set[int]
) -> None:
    works = [_keep_and_fail if n in failing else keeping(n) for n in range(7)]
    with archive.writer() as writer:
        futures = _together(writer, *works)

        failed = {n for n, one in enumerate(futures) if one.exception(SECONDS)}

    assert failed == failing
    whole = [n for n in range(7) if n not in failing]
    assert _urls(archive) == [exchange(n).url for n in whole]
    walked = [
        w for s in archive.segments() for w in walk(archive.folder.segment(s.name))
    ]
    assert [w.error for w in walked] == [None] * (1 + 2 * len(whole) if whole else 0)


@ON_SQLITE
def test_a_full_database_fails_those_it_has_no_room_for(archive: Kept) -> None:
    with archive.writer() as writer:
        writer.submit(
            lambda tx: tx.session.execute(text("PRAGMA max_page_count=1"))
        ).result(SECONDS)

        def fill(tx: Tx) -> None:
            tx.session.add(
                SegmentRow(name="x" * 10**6, opened_at=NOW, sha256="y" * 10**6)
            )

        innocent, failed = _together(writer, keeping(1), fill)

        assert isinstance(failed.exception(SECONDS), DiskFull)
        assert innocent.result(SECONDS) == 1
        writer.submit(
            lambda tx: tx.session.execute(text("PRAGMA max_page_count=100000"))
        ).result(SECONDS)
        assert writer.submit(keeping(2)).result(SECONDS)

    assert _urls(archive) == [exchange(1).url, exchange(2).url]


@ON_SQLITE
def test_a_work_that_does_not_mind_a_full_database_acknowledges_nobody(
    archive: Kept,
) -> None:
    def ignore(tx: Tx) -> None:
        row = {"name": "x" * 10**6, "sha256": "y" * 10**6, "opened_at": NOW}
        tx.session.execute(text("PRAGMA max_page_count=1"))
        with suppress(DBAPIError):
            tx.session.execute(insert(SegmentRow).values(**row))

    with archive.writer() as writer:
        before, ignoring, after = _together(writer, keeping(1), ignore, keeping(2))

        for one in (before, ignoring, after):
            assert isinstance(one.exception(SECONDS), DiskFull)

    assert _urls(archive) == []


def _armed(
    monkeypatch: pytest.MonkeyPatch, name: str, error: Exception, *, times: int = 1
) -> None:
    """Make one point raise, as its failpoint does in a process of its own."""
    errors = [error] * times

    def reach(reached: str) -> None:
        if reached == name and errors:
            raise errors.pop()

    for module in ("storage.commit", "storage.warc.segment"):
        monkeypatch.setattr(f"{module}.reach", reach)


@pytest.mark.parametrize("place", ["after_sync", "before_commit"])
def test_a_failed_sync_or_commit_acknowledges_nobody(
    archive: Kept, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)

        def break_disk(_tx: Tx) -> None:
            _armed(monkeypatch, place, OSError(5, "Input/output error"))

        failed = _together(writer, keeping(2), break_disk, keeping(3))

        assert [type(f.exception(SECONDS)) for f in failed] == [WriteFailed] * 3
        assert failed[0].exception() is not failed[1].exception()
        assert writer.submit(keeping(4)).result(SECONDS)

    assert _urls(archive) == [exchange(1).url, exchange(4).url]
    assert [s.state for s in archive.segments()] == ["open", "sealed"]


def test_a_commit_that_reports_an_error_and_took_effect_is_acknowledged(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.writer() as writer:
        _armed(monkeypatch, "after_commit", OSError(5, "Input/output error"))

        assert counted(writer.submit(keeping(1)).result(SECONDS)) == 1

    assert _urls(archive) == [exchange(1).url]
    assert [s.state for s in archive.segments()] == ["sealed"]


def test_without_records_an_unclear_commit_is_not_acknowledged(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.writer() as writer:
        _armed(monkeypatch, "after_commit", OSError(5, "Input/output error"))

        assert isinstance(writer.submit(lambda _: 1).exception(SECONDS), WriteFailed)


def test_a_commit_without_room_is_cut_back_and_its_segment_goes_on(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = sqlite3.OperationalError("database or disk is full")
    full.sqlite_errorcode = sqlite3.SQLITE_FULL
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)
        _armed(monkeypatch, "before_commit", OperationalError("COMMIT", {}, full))

        assert isinstance(writer.submit(keeping(2)).exception(SECONDS), DiskFull)
        assert writer.submit(keeping(3)).result(SECONDS)

    (segment,) = archive.segments()
    walked = list(walk(archive.folder.segment(segment.name)))
    assert [w.error for w in walked] == [None] * 5
    assert segment.sha256 == file_sha256(archive.folder.warc / segment.name)


def test_a_failed_append_is_that_works_alone(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)
        no_space = OSError(28, "No space left on device")
        _armed(monkeypatch, "after_append", no_space, times=2)  # among others, alone

        full, after = _together(writer, keeping(2), keeping(3))

        assert isinstance(full.exception(SECONDS), DiskFull)
        assert counted(after.result(SECONDS)) == 2

    assert [s.state for s in archive.segments()] == ["sealed"]


def test_a_segment_that_cannot_be_cut_back_fails_its_batch(archive: Kept) -> None:
    def break_segment(tx: Tx) -> None:
        tx.append([b"x"])
        writer._committer.segment.broken = True
        raise ValueError("and it is broken")

    with archive.writer() as writer:
        failed = _together(writer, keeping(1), break_segment)

        assert [type(f.exception(SECONDS)) for f in failed] == [WriteFailed] * 2
        assert writer.submit(keeping(2)).result(SECONDS)

    assert _urls(archive) == [exchange(2).url]


def test_a_segment_that_cannot_be_sealed_is_left_to_recovery(
    archive: Kept, monkeypatch: pytest.MonkeyPatch
) -> None:
    with archive.writer() as writer:
        writer.submit(keeping(1)).result(SECONDS)
        _armed(monkeypatch, "mid_seal", OSError(5, "Input/output error"))

    assert [s.state for s in archive.segments()] == ["open"]
    assert _urls(archive) == [exchange(1).url]


def test_a_full_postgresql_is_a_full_disk() -> None:
    class DiskFullError(Exception):
        sqlstate = "53100"

    error = OperationalError("INSERT", {}, DiskFullError("no space"))

    assert isinstance(sql_error(error), DiskFull)


def test_threads_may_submit_at_once(archive: Kept) -> None:
    futures: list[Future[int]] = []
    with archive.writer() as writer:
        threads = [
            threading.Thread(
                target=lambda n=n: futures.append(writer.submit(keeping(n)))
            )
            for n in range(16)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    assert sorted(counted(f.result(0)) for f in futures) == list(range(1, 17))
    with Session(archive.engine) as session:
        assert len(session.exec(select(CaptureRow.url).distinct()).all()) == 16
