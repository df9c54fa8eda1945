import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from crawler import __version__
from crawler.cli.reference import reference
from tests.crawler.cli.conftest import Command

ROOT = Path(__file__).parents[3]


def command(*words: str | Path) -> list[str]:
    return [sys.executable, "-m", "crawler", *map(str, words)]


def test_version_names_the_program(kliping: Command) -> None:
    assert kliping("--version").out == f"kliping {__version__}\n"


@pytest.mark.parametrize(
    "words",
    [(), ("fetch",), ("source", "add"), ("config", "check")],
    ids=lambda words: " ".join(words) or "global",
)
def test_flags_are_shown_without_a_type(
    kliping: Command, words: tuple[str, ...]
) -> None:
    shown = kliping(*words, "-h").out

    assert "--help" in shown
    assert "-h " in shown
    assert "<bool>" not in shown


def test_what_is_counted_is_shown_without_a_type(kliping: Command) -> None:
    assert "<int>" not in kliping("-h").out


def test_an_unknown_verb_is_a_usage_error_on_stderr(kliping: Command) -> None:
    done = kliping("fetsh")

    assert (done.code, done.out) == (2, "")
    assert "Did you mean 'fetch'?" in done.err


def test_every_problem_of_the_config_has_its_line_on_stderr(
    kliping: Command, config: Path
) -> None:
    config.write_text("storag: {}\nservice: {port: x}\n", encoding="utf-8")

    done = kliping("ledger")

    assert (done.code, done.out) == (3, "")
    second, first = sorted(done.err.splitlines(), reverse=True)
    assert first.startswith(f"kliping: {config}:1: storag: unknown key")
    assert second.startswith(f"kliping: {config}:2: service.port: ")


def test_two_v_show_where_an_error_came_from(kliping: Command) -> None:
    assert "Traceback" not in kliping("-v", "search", "x").err
    assert "Traceback" in kliping("-vv", "search", "x").err


def test_an_error_of_our_own_is_one_line(
    kliping: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object) -> None:
        raise ZeroDivisionError("by zero")

    monkeypatch.setattr("crawler.config.file.find_config", fail)

    done = kliping("ledger")

    assert done.code == 1
    assert done.err == (
        "kliping: error in Kliping itself: ZeroDivisionError: by zero "
        "(-vv shows where)\n"
    )


def test_a_reader_that_stops_reading_is_no_error_to_talk_about(config: Path) -> None:
    read, write = os.pipe()
    os.close(read)

    done = subprocess.run(
        command("--config", config, "config", "show"),
        cwd=ROOT,
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)

    assert (done.returncode, done.stderr) == (141, b"")


@pytest.mark.parametrize(
    ("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)]
)
def test_a_signal_ends_a_command_cleanly(
    config: Path, pages: dict[str, str], number: signal.Signals, code: int
) -> None:
    words = command("--config", config, "-vv", "fetch", "-", pages["slow"])

    with subprocess.Popen(
        words, cwd=ROOT, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stdin is not None
        # What it reads from stdin it reads with its handlers in place.
        process.stdin.write(f"{pages['slow']}\n" * 2_000)
        process.send_signal(number)
        _, told = process.communicate()

    assert process.returncode == code
    assert "Traceback" not in told


def test_the_reference_is_current() -> None:
    page = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")

    assert page == reference()
