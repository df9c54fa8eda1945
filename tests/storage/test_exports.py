from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from storage.errors import WriteFailed
from storage.exports import FOLDER, Export, exports_with, note_export, ranges_of
from storage.folder import DataFolder
from storage.sql.selection import Wanted

AT = datetime(2026, 11, 26, 9, 30, tzinfo=UTC)


def export(*ids: int, **changes: object) -> Export:
    return Export(
        **{
            "made_at": AT,
            "form": "csv",
            "path": "/srv/a.csv",
            "wanted": Wanted(query="pier", since=AT),
            "articles": len(ids),
            "ranges": ranges_of(ids),
            **changes,
        }
    )


@settings(deadline=None)
@given(st.sets(st.integers(1, 60)))
def test_an_export_knows_each_of_its_articles(ids: set[int]) -> None:
    made = export(*sorted(ids))

    assert {one for one in range(70) if made.holds(one)} == ids


def test_an_erased_article_is_found_in_the_exports_that_hold_it(
    tmp_path: Path,
) -> None:
    folder = DataFolder(tmp_path)
    with_it, without = export(1, 2, 3, 9), export(4, 5)
    note_export(folder, with_it)
    note_export(folder, without)

    assert list(exports_with(folder, [3, 77])) == [with_it]


def test_no_export_was_made_of_a_new_archive(tmp_path: Path) -> None:
    assert list(exports_with(DataFolder(tmp_path), [1])) == []


def test_a_note_that_cannot_be_read_is_not_passed_over(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    note_export(folder, export(1)).write_text("{")

    with pytest.raises(ValueError, match="no note of an export"):
        list(exports_with(folder, [1]))


def test_an_export_that_cannot_be_noted_fails(tmp_path: Path) -> None:
    folder = DataFolder(tmp_path)
    (tmp_path / FOLDER).write_text("in the way")

    with pytest.raises(WriteFailed):
        note_export(folder, export(1))
