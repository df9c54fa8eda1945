"""Which files the object store has, on both databases."""

from datetime import timedelta

import pytest
from sqlmodel import Session

from storage.model.takedown import Depth, TakedownState
from storage.sql.objects import (
    File,
    begin,
    days_lacking,
    enter,
    export_name,
    exports_kept,
    exports_uploaded,
    forget,
    indexes_lacking,
    is_erased_in,
    overwritten_in,
    put_again,
    segments_sealed,
    standing,
    uploaded_before,
)
from storage.sql.tables import (
    DayRow,
    ErasureRow,
    JobRow,
    ObjectRow,
    SegmentRow,
    TakedownRow,
)
from tests.storage.material import NOON

HOUR = timedelta(hours=1)


@pytest.fixture
def segments(session: Session) -> Session:
    """An open file and two sealed ones, a and b."""
    for name, state in (("a", "sealed"), ("b", "sealed"), ("c", "open")):
        sealed_at = NOON + HOUR if state == "sealed" else None
        session.add(
            SegmentRow(
                name=name,
                state=state,
                opened_at=NOON,
                sealed_at=sealed_at,
                size=2**33,
                sha256=name * 64 if state == "sealed" else None,
            )
        )
    session.flush()
    return session


def put(session: Session, name: str, segment: str | None = None) -> None:
    begin(session, name, name, NOON)
    session.flush()
    file = File(name=name, key=name, size=2**33, sha256="f" * 64, segment=segment)
    enter(session, file, NOON + HOUR)
    session.flush()


def test_what_is_sealed_waits_until_it_is_there(segments: Session) -> None:
    before = segments_sealed(segments, "")
    begin(segments, "warc/a", "warc/a", NOON)
    begun = segments_sealed(segments, "")
    put(segments, "warc/a", "a")

    assert before == begun == [("a", "a" * 64), ("b", "b" * 64)]
    assert segments_sealed(segments, "") == [("b", "b" * 64)]
    found = standing(segments)
    assert (found.uploaded, found.uploaded_bytes) == (1, 2**33)
    assert (found.sealed, found.sealed_bytes) == (1, 2**33)
    assert found.since == NOON + HOUR
    assert found.others == 0


def test_indexes_are_lacking_of_sealed_files(segments: Session) -> None:
    put(segments, "warc/a.cdxj")
    begin(segments, "warc/b.cdxj", "warc/b.cdxj", NOON)

    assert list(indexes_lacking(segments, ".cdxj", "")) == ["b"]


def test_a_copy_may_go_once_file_and_index_are_there(segments: Session) -> None:
    put(segments, "warc/a", "a")
    alone = uploaded_before(segments, ".cdxj", NOON + HOUR, "")
    put(segments, "warc/a.cdxj")

    assert alone == []
    assert uploaded_before(segments, ".cdxj", NOON + HOUR, "") == ["a"]
    assert uploaded_before(segments, ".cdxj", NOON, "") == []


def test_what_the_store_has_lost_waits_again(segments: Session) -> None:
    put(segments, "warc/a", "a")

    put_again(segments, "a", "warc/a")
    segments.flush()

    assert [name for name, _ in segments_sealed(segments, "")] == ["a", "b"]


def test_days_are_lacking(session: Session) -> None:
    for day in ("2026-11-25", "2026-11-26"):
        session.add(
            DayRow(day=day, leaves=1, tree="t", previous="p", root=f"root of {day}")
        )
    put(session, "fixity/2026-11-25.jsonl")

    assert list(days_lacking(session, "fixity", "")) == ["2026-11-26"]


def _take_down(session: Session, state: TakedownState) -> None:
    session.add(
        TakedownRow(
            name="one",
            depth=Depth.ERASE,
            ground="law",
            state=state,
            requested_at=NOON + HOUR,
        )
    )
    session.flush()
    session.add(
        ErasureRow(
            segment="a",
            offset=7,
            length=9,
            takedown="one",
            former_sha256="f",
            tombstone_sha256="t",
            erased_at=NOON,
        )
    )
    session.flush()


def test_a_file_is_erased_in_while_an_erasure_is_under_way(segments: Session) -> None:
    put(segments, "warc/a", "a")
    _take_down(segments, TakedownState.ERASING)

    assert is_erased_in(segments, "a")
    assert not is_erased_in(segments, "b")
    assert overwritten_in(segments) == {}


def test_what_was_erased_is_told_by_its_place(segments: Session) -> None:
    put(segments, "warc/a", "a")
    _take_down(segments, TakedownState.ERASED)

    assert not is_erased_in(segments, "a")
    assert overwritten_in(segments) == {"a": (7, 9, "t")}


def test_exports_from_before_a_takedown_are_not_kept(segments: Session) -> None:
    for hours in (0, 2):
        session_at = NOON + HOUR * hours
        segments.add(
            JobRow(
                kind="export",
                state="done",
                wanted={},
                created_at=session_at,
                finished_at=session_at,
                file=f"{hours}.csv",
            )
        )
    segments.flush()
    put(segments, export_name(NOON, "0.csv"))

    before = dict(exports_kept(segments))
    _take_down(segments, TakedownState.ERASED)
    after = dict(exports_kept(segments))

    assert set(before.values()) == {"0.csv", "2.csv"}
    assert set(after.values()) == {"2.csv"}
    assert set(exports_uploaded(segments)) == set(before) - set(after)


def test_a_file_can_be_forgotten(session: Session) -> None:
    put(session, "warc/a.cdxj")

    forget(session, "warc/a.cdxj")
    forget(session, "warc/none")
    session.flush()

    assert session.get(ObjectRow, "warc/a.cdxj") is None
