import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta, timezone

import pytest

from crawler.cli.output import json_line, plain, print_rows, print_text
from crawler.cli.progress import progress, progress_of_bytes


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("a\x1b[31mb", "a[31mb"),
        ("a\rb\x07\x9b", "ab"),
        ("a\nb\tc", "a\nb\tc"),
        ("safe\u202egnp.exe", "safegnp.exe"),
        ("ภาษาไทย عربي", "ภาษาไทย عربي"),
    ],
    ids=["colour", "return", "lines", "override", "scripts"],
)
def test_what_drives_a_terminal_never_reaches_one(text: str, shown: str) -> None:
    assert plain(text) == shown


def test_text_in_a_pipe_is_as_it_is(capsys: pytest.CaptureFixture[str]) -> None:
    print_text("a\x1bb")

    assert capsys.readouterr().out == "a\x1bb\n"


def test_a_lone_surrogate_is_printed_as_a_question_mark(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_text("a\ud800b")

    assert capsys.readouterr().out == "a?b\n"


def test_json_keeps_characters_and_is_one_line() -> None:
    assert json_line({"a": "日\n本"}) == '{"a": "日\\n本"}'


@pytest.fixture
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """A terminal of 40 columns."""
    monkeypatch.setattr("crawler.cli.output.on_terminal", lambda: True)
    monkeypatch.setenv("COLUMNS", "40")


URL = "https://courier.example/news/the-old-mill-at-the-upper-weir-has-opened"


@pytest.mark.usefixtures("narrow")
def test_a_url_in_a_table_is_never_broken(capsys: pytest.CaptureFixture[str]) -> None:
    why = "robots.txt says that nobody may come by here"
    print_rows([{"why": why, "url": URL}], ("why", "url"), "none")

    lines = capsys.readouterr().out.splitlines()

    assert lines[1].split() == ["robots.txt", URL]
    assert max(len(line) for line in (lines[0], *lines[2:])) < 40


@pytest.mark.usefixtures("narrow")
def test_a_table_that_fits_has_no_blanks_at_its_ends(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_rows([{"a": "one", "b": None}, {"a": 2, "b": True}], ("a", "b"), "none")

    lines = capsys.readouterr().out.splitlines()

    assert [line.split() for line in lines] == [["a", "b"], ["one"], ["2", "yes"]]
    assert lines == [line.rstrip() for line in lines]


@pytest.mark.usefixtures("narrow")
@pytest.mark.parametrize(
    "at",
    [
        datetime(2026, 11, 28, 17, 16, 14, 552948, tzinfo=UTC),
        datetime(2026, 11, 28, 19, 16, tzinfo=timezone(timedelta(hours=2))),
        "2026-11-28T17:16:14.552948Z",
        "2026-11-28T17:16:14+00:00",
    ],
    ids=["ours", "of another zone", "the service's", "the service's, by offset"],
)
def test_a_table_shows_a_moment_to_the_minute_and_names_its_zone(
    at: datetime | str, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = [{"name": "Post", "boost_until": one} for one in (None, at)]
    print_rows(rows, ("name", "boost_until"), "none")

    lines = capsys.readouterr().out.splitlines()

    assert [" ".join(line.split()) for line in lines] == [
        "name boost until (UTC)",
        "Post",
        "Post 2026-11-28 17:16",
    ]


class Terminal:
    """A stderr that is a terminal."""

    encoding = "utf-8"

    def __init__(self) -> None:
        self.said = ""

    def isatty(self) -> bool:
        return True

    def write(self, text: str) -> int:
        self.said += text
        return len(text)

    def flush(self) -> None:
        pass


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> Callable[[], Terminal]:
    """Make stderr a terminal; pytest puts its own there between set-up and test."""

    def begin() -> Terminal:
        stderr = Terminal()
        monkeypatch.setattr(sys, "stderr", stderr)
        monkeypatch.setenv("TERM", "xterm")
        return stderr

    return begin


def test_progress_of_many_steps_is_shown_on_a_terminal(
    terminal: Callable[[], Terminal],
) -> None:
    stderr = terminal()

    with progress("fetching", 3) as advance:
        advance()

    assert "fetching" in stderr.said


def test_progress_of_one_step_is_not_shown(
    terminal: Callable[[], Terminal],
) -> None:
    stderr = terminal()

    with progress("fetching", 1) as advance:
        advance()

    assert stderr.said == ""


def test_progress_of_bytes_is_shown_on_a_terminal(
    terminal: Callable[[], Terminal],
) -> None:
    stderr = terminal()

    with progress_of_bytes("verifying") as advance:
        advance(1, 2)

    assert "verifying" in stderr.said


@pytest.mark.usefixtures("narrow")
def test_a_title_without_an_end_is_cut_in_a_table(
    capsys: pytest.CaptureFixture[str],
) -> None:
    print_rows([{"id": 1, "title": "x" * 100_000}], ("id", "title"), "none")

    shown = capsys.readouterr().out

    assert shown.count("x") == 300
    assert "…" in shown
