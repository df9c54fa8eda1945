"""Whose WARC files are whose after they were migrated, on both databases."""

import pytest
from sqlmodel import Session, select

from storage.sql.fleet import adopt
from storage.sql.nodes import info_of
from storage.sql.tables import DayRow, SegmentRow
from tests.storage.material import NOON

FILES = {
    "here": ("", "sealed"),
    "there": ("", "uploaded"),
    "lost": ("", "sealed"),
    "of-a": ("a", "sealed"),
    "of-a-there": ("a", "uploaded"),
    "of-a-lost": ("a", "sealed"),
}
IN_THE_FOLDER = ("here", "of-a")


@pytest.fixture
def files(session: Session) -> Session:
    for name, (node, state) in FILES.items():
        row = SegmentRow(name=name, node=node, state=state, opened_at=NOON)
        session.add(row)
    for node in ("", "a"):
        row = DayRow(
            node=node, day="2026-11-20", leaves=0, tree="0", previous="0", root="0"
        )
        session.add(row)
    session.flush()
    return session


def of(session: Session, node: str) -> set[str]:
    known = select(SegmentRow.name).where(SegmentRow.node == node)
    return set(session.exec(known)) & set(FILES)


def test_a_node_takes_what_an_archive_of_one_had(files: Session) -> None:
    files.info.update(info_of("b"))
    adopt(files, IN_THE_FOLDER)

    assert of(files, "b") == {"here", "there"}
    assert of(files, "a") == {"of-a", "of-a-there", "of-a-lost"}
    assert of(files, "") == {"lost"}
    assert set(files.exec(select(DayRow.node))) == {"a", "b"}


def test_a_file_takes_what_all_nodes_had(files: Session) -> None:
    adopt(files, IN_THE_FOLDER)

    assert of(files, "") == {"here", "there", "lost", "of-a", "of-a-there"}
    assert of(files, "a") == {"of-a-lost"}
    assert set(files.exec(select(DayRow.node))) == {"", "a"}
