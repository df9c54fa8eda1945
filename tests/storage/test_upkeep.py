"""When the archive was last verified and backed up."""

from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.upkeep import Chore, Done, last_done, note_done

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_what_was_done_last_is_known(tmp_path: Path) -> None:
    note_done(tmp_path, Chore.VERIFY, Done(NOON, is_well=True))
    note_done(tmp_path, Chore.VERIFY, Done(NOON, is_well=False))

    assert last_done(tmp_path, Chore.VERIFY) == Done(NOON, is_well=False)
    assert last_done(tmp_path, Chore.BACKUP) is None
    assert [one.name for one in (tmp_path / "upkeep").iterdir()] == ["verify.json"]


@pytest.mark.parametrize("text", ["", "{}", "[]", '{"at": "soon", "is_well": 1}', "\0"])
def test_a_note_that_cannot_be_read_is_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "upkeep").mkdir()
    (tmp_path / "upkeep" / "backup.json").write_text(text)

    assert last_done(tmp_path, Chore.BACKUP) is None


def test_where_nothing_can_be_written_nothing_is_noted(tmp_path: Path) -> None:
    (tmp_path / "upkeep").write_text("a file")

    note_done(tmp_path, Chore.VERIFY, Done(NOON, is_well=True))

    assert last_done(tmp_path, Chore.VERIFY) is None
