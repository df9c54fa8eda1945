"""A run's file: interrupted, found again, and read back."""

from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from crawler.errors import UsageError
from crawler.reextract.shadow import Outcome, Scope, Shadow, Tally
from storage.folder import DataFolder
from storage.sql.reextraction import Within

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SCOPE = Scope(extractor="2", rules_sha256="0", within=Within(source="Harbour"))
SAME = Outcome(version_id=1)
CHANGED = Outcome(
    version_id=2,
    article_id=1,
    number=2,
    url="https://news.example/1",
    title="Fees rise",
    differs=("text",),
    words=(30, 20),
    was_sha256="0",
    document={"title": "Fees rise"},
    extractor="2",
)
UNREAD = Outcome(version_id=3, article_id=2, why="reads as hub: cards")


@pytest.fixture
def folder(tmp_path: Path) -> DataFolder:
    return DataFolder(tmp_path)


@pytest.fixture
def shadow(folder: DataFolder) -> Shadow:
    return Shadow.begin(folder, SCOPE, NOON)


def test_a_new_run_begins_at_the_first_version(shadow: Shadow) -> None:
    assert shadow.resume() == (0, 0, Tally())


def test_a_run_goes_on_behind_its_last_whole_line(shadow: Shadow) -> None:
    shadow.add([SAME, CHANGED])
    whole = shadow.path.read_bytes()
    with shadow.path.open("ab") as file:
        file.write(b'{"version_id": 3, "ar')

    assert shadow.resume() == (2, 0, Tally(same=1, changed=1))
    assert shadow.path.read_bytes() == whole


def test_an_interrupted_run_of_the_same_scope_is_found(
    folder: DataFolder, shadow: Shadow
) -> None:
    found = Shadow.unfinished(folder, SCOPE)

    assert found == shadow
    assert Shadow.unfinished(folder, replace(SCOPE, rules_sha256="1")) is None


def test_a_run_that_came_to_its_end_is_not_gone_on_with(
    folder: DataFolder, shadow: Shadow
) -> None:
    shadow.end()

    assert Shadow.unfinished(folder, SCOPE) is None


def test_a_run_keeps_what_is_not_as_it_was(shadow: Shadow) -> None:
    shadow.add([SAME, CHANGED, UNREAD])
    shadow.end()

    assert list(shadow.outcomes()) == [CHANGED, UNREAD]
    assert [reading.version_id for reading in shadow.readings()] == [2]


def test_an_interrupted_run_has_no_readings_to_promote(shadow: Shadow) -> None:
    shadow.add([CHANGED])

    with pytest.raises(UsageError, match="was interrupted"):
        list(shadow.readings())


def test_two_runs_in_one_second_have_two_names(
    folder: DataFolder, shadow: Shadow
) -> None:
    second = Shadow.begin(folder, SCOPE, NOON)

    assert [run.name for run in Shadow.all(folder)] == [second.name, shadow.name]
    assert Shadow.named(folder, shadow.name) == shadow


def test_an_unknown_run_is_told(folder: DataFolder) -> None:
    with pytest.raises(UsageError, match="no run is named 'x'"):
        Shadow.named(folder, "x")


def test_a_run_without_a_first_line_is_none(folder: DataFolder, shadow: Shadow) -> None:
    shadow.path.write_bytes(b'{"extr')

    assert Shadow.all(folder) == []
