"""`kliping explain` of pages read now, on terminals, as JSON and as HTML."""

import io
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.cli.explaining.printing import print_lines
from crawler.cli.explaining.witness import Line
from tests.crawler.cli.conftest import Command

PAGE = """<!doctype html><html lang="en"><head><title>Mill reopens - Courier</title>
<link rel="canonical" href="https://courier.example/mill"></head>
<body><nav><a href="/">Home</a></nav><article><h1>Mill reopens</h1>
<p class="by">By Mara Lund</p>
<p>The old mill at the upper weir has opened its doors again after eleven years.</p>
<p>Visitors can see the great wheel turn on Sundays, as long as there is water.</p>
<p>Its owners have spent a legacy on the roof and mean to grind flour by autumn.</p>
</article></body></html>"""
RULES = {"title": "h1", "authors": ".nobody", "drop_lines": ["By Mara Lund"]}


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    path = tmp_path / "mill.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def ruled(config: Path, settings: dict[str, Any]) -> None:
    source = {"name": "Courier", "home": "https://courier.example/", "rules": RULES}
    text = yaml.safe_dump(settings | {"sources": [source]})
    config.write_text(text, encoding="utf-8")


def test_a_saved_page_is_explained_to_its_blocks(kliping: Command, mill: Path) -> None:
    done = kliping("explain", mill)

    assert done.code == 0
    assert '  title: "Mill reopens" from ' in done.out
    assert "  · [0] paragraph, outside the body (navigation), score 0." in done.out
    assert "  + [3] paragraph, kept, score 0." in done.out


def test_a_page_on_stdin_is_explained(kliping: Command) -> None:
    done = kliping("explain", "-", input=PAGE.encode())

    assert (done.code, done.out.splitlines()[0]) == (0, "Verdict: article")


def test_what_came_without_http_has_no_status(kliping: Command, mill: Path) -> None:
    assert "status" not in kliping("explain", mill).out


def test_json_holds_the_whole_view(kliping: Command, mill: Path) -> None:
    (told,) = kliping("explain", mill, "--json").rows

    assert told["status"] is None
    assert told["explanation"]["verdict"] == "article"
    assert told["explanation"]["blocks"][0]["fate"] == "outside"


def test_html_on_stdout_stands_alone(kliping: Command, mill: Path) -> None:
    page = kliping("explain", mill, "--html", "-").out

    assert page.startswith("<!doctype html>")
    assert "default-src 'none'" in page
    assert "<script" not in page


def test_html_is_written_to_a_file(
    kliping: Command, mill: Path, tmp_path: Path
) -> None:
    place = tmp_path / "why.html"

    done = kliping("explain", mill, "--html", place)

    assert (done.code, done.out) == (0, "")
    assert "Mill reopens" in place.read_text(encoding="utf-8")


def test_html_into_no_folder_is_a_usage_error(
    kliping: Command, mill: Path, tmp_path: Path
) -> None:
    done = kliping("explain", mill, "--html", tmp_path / "none" / "why.html")

    assert done.code == 2
    assert "its folder does not exist" in done.err


def test_a_url_never_seen_is_read_now_and_not_kept(
    kliping: Command, article: str, settings: dict[str, Any]
) -> None:
    done = kliping("explain", article)

    assert done.code == 0
    assert "  status 200" in done.out
    assert not Path(settings["storage"]["folder"]).exists()


def test_a_url_that_cannot_be_had_ends_with_its_reason(
    kliping: Command, free_tcp_port: int
) -> None:
    assert kliping("explain", f"http://127.0.0.1:{free_tcp_port}/x").code == 4


def test_a_list_of_urls_is_no_page(kliping: Command, tmp_path: Path) -> None:
    urls = tmp_path / "urls.txt"
    urls.write_text("https://a.example/\nhttps://b.example/\n", encoding="utf-8")

    done = kliping("explain", urls)

    assert (done.code, done.err) == (
        2,
        f"kliping: {urls}: names 2 pages; explain takes one\n",
    )


def test_a_missing_file_is_a_usage_error(kliping: Command) -> None:
    assert kliping("explain", "nowhere.html").code == 2


@pytest.mark.usefixtures("ruled")
@pytest.mark.parametrize(
    "words",
    [("--source", "courier"), ("--url", "https://www.courier.example/mill")],
    ids=["named", "by its site"],
)
def test_the_rules_of_a_source_are_shown_at_work(
    kliping: Command, mill: Path, words: tuple[str, ...]
) -> None:
    out = kliping("explain", mill, *words).out

    assert '  title: "Mill reopens" from rule:h1' in out
    assert '  title "h1": 1 match: "Mill reopens"' in out
    assert '  authors ".nobody": matches nothing' in out
    assert '  drop_lines "By Mara Lund": 1 match' in out


@pytest.mark.usefixtures("ruled")
def test_a_file_from_nowhere_is_read_without_rules(
    kliping: Command, mill: Path
) -> None:
    assert "Site rules" not in kliping("explain", mill).out


def test_rules_of_an_unknown_source_are_a_usage_error(
    kliping: Command, mill: Path
) -> None:
    done = kliping("explain", mill, "--source", "Nobody")

    assert (done.code, done.err) == (
        2,
        "kliping: no source is named 'Nobody' in config.yaml\n",
    )


# ---- colours ----------------------------------------------------------------------


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


_LINES: list[Line] = [(("Kept", "green"), (" \x1b[2Jand safe", ""))]


@pytest.fixture
def shown(
    monkeypatch: pytest.MonkeyPatch, terminal: Callable[..., None]
) -> Callable[[], str]:
    terminal("crawler.cli.explaining.printing")
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.delenv("NO_COLOR", raising=False)

    def show() -> str:
        screen = _Terminal()
        monkeypatch.setattr(sys, "stdout", screen)
        print_lines(_LINES)
        return screen.getvalue()

    return show


def test_a_terminal_gets_colours_and_nothing_that_drives_it(
    shown: Callable[[], str],
) -> None:
    assert shown() == "\x1b[32mKept\x1b[0m [2Jand safe\n"


def test_no_color_is_respected(
    shown: Callable[[], str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")

    assert shown() == "Kept [2Jand safe\n"
