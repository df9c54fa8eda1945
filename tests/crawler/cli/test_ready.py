import fcntl
import os
import shlex
import struct
import subprocess
import sys
import termios
from collections.abc import Callable
from pathlib import Path

import pytest

from crawler import __version__
from crawler.cli.ready import _OTHERWISE, answer, without_colours
from crawler.cli.reference import HELP, help_pages

ROOT = Path(__file__).parents[3]
WIDE = "│ versions   List an article's versions: when each was captured, what had changed, and where."


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Callable[..., str | None]:
    """What lies ready for a command line, in a pipe, unless variables say otherwise."""
    for name in _OTHERWISE:
        monkeypatch.delenv(name, raising=False)

    def ask(*words: str, **variables: str) -> str | None:
        monkeypatch.setenv("COLUMNS", "80")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["kliping", *words])
        return answer()

    return ask


def in_terminal(*words: str, columns: int, **variables: str) -> str:
    """What a command prints on a terminal."""
    ours, theirs = os.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, struct.pack("HHHH", 25, columns, 0, 0))
    inherited = {
        k: v for k, v in os.environ.items() if k not in (*_OTHERWISE, "COLUMNS")
    }
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", *words],
        cwd=ROOT,
        env={**inherited, "TERM": "xterm", **variables},
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
    )
    os.close(theirs)
    printed = b""
    while True:
        try:
            piece = os.read(ours, 65_536)
        except OSError:  # the other side is closed
            break
        printed += piece
    os.close(ours)
    assert process.wait() == 0
    return printed.decode().replace("\r\n", "\n")


def test_the_help_that_lies_ready_is_what_typer_prints() -> None:
    """`python -m crawler.cli.reference` writes it anew."""
    assert HELP.read_text(encoding="utf-8") == help_pages()


@pytest.mark.parametrize(
    ("columns", "variables"),
    [(80, {}), (120, {}), (80, {"TERM": "dumb"}), (60, {}), (60, {"NO_COLOR": "1"})],
    ids=["narrow", "wide", "dumb", "too-narrow", "too-narrow-without-colours"],
)
def test_a_terminal_shows_what_it_would_show_without_it(
    columns: int, variables: dict[str, str]
) -> None:
    ready = in_terminal("source", "add", "-h", columns=columns, **variables)
    by_typer = in_terminal("source", "add", "-h", "-h", columns=columns, **variables)

    assert ready == by_typer
    assert ("\x1b[1;36m" in ready) == (not variables)


def test_help_is_as_wide_as_the_widest_page_that_fits() -> None:
    assert in_terminal("-h", columns=100) == in_terminal("-h", columns=80)
    assert in_terminal("-h", columns=200) == in_terminal("-h", columns=120)


def test_without_colours_none_are_shown() -> None:
    shown = in_terminal("-h", columns=80, NO_COLOR="1")

    assert shown == without_colours(in_terminal("-h", columns=80))
    assert "\x1b" not in shown


def test_nothing_is_loaded_for_help() -> None:
    script = (
        "import sys; before = set(sys.modules)\n"
        "sys.argv = ['kliping', 'fetch', '--help']\n"
        "from crawler.cli import main; main()\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)\n"
    )

    done = subprocess.run(
        [sys.executable, "-c", script],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )

    assert "Usage: kliping fetch" in done.stdout
    assert done.stderr == "crawler crawler.cli crawler.cli.ready\n"


def test_help_and_version_lie_ready(asked: Callable[..., str | None]) -> None:
    assert asked("--version") == f"kliping {__version__}\n"
    assert "Usage: kliping [OPTIONS] COMMAND" in (asked("--help") or "")
    assert "Usage: kliping source add" in (asked("source", "add", "-h") or "")
    assert WIDE in (asked("-h", COLUMNS="130") or "")
    assert WIDE not in (asked("-h") or "")


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("fetch",),
        ("fetsh", "--help"),
        ("sou", "--help"),
        ("source add", "--help"),
        ("fetch", "--save", "--help"),
        ("--config", "--help"),
        ("--help", "fetch"),
        ("-v", "--version"),
        ("", "--help"),
    ],
    ids=" ".join,
)
def test_what_asks_for_more_is_left_to_typer(
    asked: Callable[..., str | None], words: tuple[str, ...]
) -> None:
    assert asked(*words) is None


@pytest.mark.parametrize("name", [*_OTHERWISE, "COLUMNS"])
def test_variables_that_typer_obeys_are_left_to_it(
    asked: Callable[..., str | None], name: str
) -> None:
    assert asked("--help", **{name: "40"}) is None


@pytest.mark.parametrize("verb", ["doctor", "fetch"])  # fetch's has "URL|FILE…"
def test_who_cannot_print_its_boxes_is_left_to_typer(verb: str) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "crawler", verb, "--help"],
        cwd=ROOT,
        env={**os.environ, "PYTHONIOENCODING": "ascii"},
        capture_output=True,
        check=True,
    )

    assert b"+- Options -" in done.stdout


@pytest.mark.parametrize("words", ["--version", "--help", "fetch --help"])
def test_a_full_disk_is_told_in_one_line(words: str) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "crawler", *words.split()],
            cwd=ROOT,
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )

    assert done.returncode == 10
    assert done.stderr == "kliping: [Errno 28] No space left on device\n"


@pytest.mark.parametrize("words", ["--version", "config check", "fetch --help"])
def test_closed_streams_lead_nowhere(words: str) -> None:
    command = f"{shlex.quote(sys.executable)} -m crawler {words} >&- 2>&- <&-"

    done = subprocess.run(["sh", "-c", command], cwd=ROOT, check=False)

    assert done.returncode == 0
