"""`kliping diff`, over an article that was rewritten."""

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.sql.engine import sqlite_url
from tests.crawler.cli.conftest import Command
from tests.migrated import migrate_copy
from tests.storage.kept import keeping, kept
from tests.storage.noted import LATER, archived, do, read


@pytest.fixture
def title(settings: dict[str, dict[str, str]]) -> str:
    """Archive an article twice; return the headline that it has now."""
    place = Path(settings["storage"]["folder"])
    place.mkdir()
    migrate_copy(sqlite_url(place))
    with kept(place) as opened, opened.writer() as writer:
        link = archived(writer)
        capture = do(writer, keeping(1))
        do(writer, lambda tx: read(tx, link, capture, LATER))
    return LATER.title


def test_diff_tells_what_changed_from_the_version_before(
    kliping: Command, title: str
) -> None:
    (told,) = kliping("diff", "1").rows

    assert (told["a"]["number"], told["b"]["number"]) == (1, 2)
    stands = [part["text"] for part in told["title"] if part["kind"] != "delete"]
    assert "".join(stands) == title


@pytest.mark.usefixtures("title")
def test_diff_compares_any_two_versions(kliping: Command) -> None:
    (told,) = kliping("diff", "1", "--from", "2", "--to", "1").rows

    assert (told["a"]["number"], told["b"]["number"]) == (2, 1)


@pytest.mark.usefixtures("title")
def test_diff_marks_what_went_and_what_came_on_a_terminal(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.verbs.diff")

    shown = kliping("diff", "1").out

    assert "[-" in shown
    assert "{+" in shown


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("--to", "1"), "no version before version 1"),
        (("--to", "9"), "no version 9"),
        (("--from", "9"), "no version 9"),
    ],
)
@pytest.mark.usefixtures("title")
def test_diff_says_which_version_there_is_not(
    kliping: Command, words: tuple[str, ...], why: str
) -> None:
    done = kliping("diff", "1", *words)

    assert (done.code, done.err) == (2, f"kliping: 1: {why}\n")
