"""The generated news web: the same each time, of the size it says, read whole."""

import gzip
import json
import shutil
from datetime import UTC, datetime
from statistics import median

import httpx
import pytest
from selectolax.lexbor import LexborHTMLParser

from crawler.extract.article import extract
from crawler.extract.source import PageSource
from tests.bench import fetch, profile, stages
from tests.bench._pages import Page
from tests.bench._web.prose import LANGUAGES
from tests.bench._web.serving import news_web, recorded_web
from tests.bench._web.site import LEAST, MOST, THEMES, page, story

_BASE = "http://127.7.0.1:8080"
_NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
#: A script's data comes in pieces of less than this.
_PIECE = 100
#: Hosts that write in every language, in more than one design.
_HOSTS = range(2 * len(LANGUAGES))


@pytest.fixture
def _no_nginx(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "which", lambda *_, **__: None)


def _page(host: int) -> str:
    return page(host, _BASE, [story(host, number) for number in range(30)], 3)


@pytest.mark.parametrize("host", _HOSTS)
def test_a_page_is_as_large_as_the_figures_say(host: int) -> None:
    size = len(_page(host).encode())

    assert LEAST - _PIECE <= size <= MOST


def test_a_page_is_the_same_each_time() -> None:
    story.cache_clear()
    first = _page(1)
    story.cache_clear()

    assert _page(1) == first


@pytest.mark.parametrize("host", _HOSTS)
def test_every_paragraph_of_a_story_is_read(host: int) -> None:
    headers = (("Content-Type", "text/html; charset=utf-8"),)
    told = story(host, 3)

    read = extract(
        PageSource(_BASE + told.path, _page(host).encode(), _NOON, 200, headers)
    )

    assert read.article is not None
    assert read.article.title == told.title
    assert set(told.paragraphs) <= {block.text for block in read.article.blocks}


def test_hosts_have_different_designs() -> None:
    assert len({theme.body for theme in THEMES}) == len(THEMES)


@pytest.mark.usefixtures("_no_nginx")
def test_without_nginx_a_process_of_ours_serves_the_web() -> None:
    with news_web(2, 3) as web:
        url = web.articles[-1]
        base = web.bases[1]
        answer = httpx.get(url)
        missing = httpx.get(f"{base}/nothing.html")

    stories = [story(1, number) for number in range(3)]
    assert web.server == "python"
    assert answer.headers["content-encoding"] == "gzip"
    assert answer.text == page(1, base, stories, 2)
    assert missing.status_code == 404


def test_what_is_served_is_packed() -> None:
    assert len(gzip.compress(_page(0).encode(), 6)) < LEAST / 3


def test_fetching_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert fetch.main(["--smoke"]) == 0

    (figures,) = json.loads(capsys.readouterr().out.splitlines()[-1])["hosts"].values()
    assert set(figures["cpu_ms_a_page"]) == {"kliping", "httpx"}


def test_each_stage_is_measured(capsys: pytest.CaptureFixture[str]) -> None:
    assert stages.main(["--smoke"]) == 0

    spent = json.loads(capsys.readouterr().out.splitlines()[-1])["cpu_ms"]
    assert {*stages.OWN, *stages.PARTS, "extract"} < set(spent)


def test_a_profile_names_every_step(capsys: pytest.CaptureFixture[str]) -> None:
    assert profile.main(["--smoke"]) == 0

    spent = json.loads(capsys.readouterr().out.splitlines()[-1])["cpu_ms"]
    assert set(spent["extraction"]) == {*profile.STEPS, "all else"}
    assert min(spent["extraction"].values()) > 0
    assert {*profile.OWNERS, "SQLite"} < set(spent["writer"])


def test_a_generated_page_has_the_anatomy_of_a_recorded_one() -> None:
    """What `_web.site` says: the medians of ten sets, by less than a fourth."""
    pages = [LexborHTMLParser(_page(host)) for host in _HOSTS]

    def middle(selector: str) -> float:
        return median(len(tree.css(selector)) for tree in pages)

    assert middle("*") == pytest.approx(722, rel=0.25)
    assert middle("a") == pytest.approx(154, rel=0.25)
    assert middle("div, span") == pytest.approx(158, rel=0.25)
    assert middle("script") == pytest.approx(22, rel=0.25)


def test_recorded_pages_are_served_as_they_were() -> None:
    pages = [
        Page(f"set/{n}", f"https://{site}.example/2026/story?{n}", f"<p>{n} é".encode())
        for n, site in enumerate(("b", "a", "b", "a"))
    ]
    with recorded_web(2, pages) as web:
        bodies = [httpx.get(url).content for url in web.articles]
        feed = httpx.get(web.feeds[0])

    assert bodies == [pages[n].html for n in (1, 0, 3, 2)]
    assert web.paths[0] == ("/2026/story-0.html", "/2026/story-1.html")
    assert feed.text.count("<item>") == 2
