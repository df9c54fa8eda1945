"""`kliping source add URL`: a survey of the fake web, and who says yes."""

import io
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.cli.sourcing.wizard import _asked
from crawler.demo.server import NewsWeb, Site
from crawler.errors import UsageError
from tests.crawler.cli.conftest import Command


class _Parked(BaseHTTPRequestHandler):
    """A domain that is for sale: one page without a story."""

    def do_GET(self) -> None:
        page = b"<html><body><p>This domain is for sale</p></body></html>"
        is_home = self.path == "/"
        self.send_response(200 if is_home else 404)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(page if is_home else b"")

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def parked() -> Iterator[str]:
    """Serve a parked domain; yield its home page."""
    with HTTPServer(("127.0.0.1", 0), _Parked) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield f"http://127.0.0.1:{server.server_port}/"
        server.shutdown()
        thread.join(10)


@pytest.fixture
def sites(web: NewsWeb) -> dict[str, Site]:
    return {site.key: site for site in web.sites}


def test_a_home_page_is_watched_at_its_feed_and_news_sitemap(
    kliping: Command, sites: dict[str, Site]
) -> None:
    portal = sites["portal"]

    done = kliping("source", "add", portal.url("/"), "--name", "Portal", "--yes")

    (row,) = done.rows
    (facts,) = kliping("source", "show", "Portal").rows
    samples = [sample["verdict"] for sample in row["samples"]]
    assert row["given"] == "home page"
    assert row["robots"]["crawl_delay"] == 1.0
    assert row["articles_a_day"] > 0
    assert row["language"] == "es"
    assert len(samples) > 2
    assert set(samples) == {"article"}
    assert facts["settings"]["feeds"] == [portal.url("/rss/portada.xml")]
    assert facts["settings"]["sitemaps"] == [portal.url("/news-sitemap.xml")]
    assert facts["coverage"]["articles"] == 0
    assert "trying http" in done.err


def test_a_site_without_lists_is_watched_at_its_sections(
    kliping: Command, sites: dict[str, Site]
) -> None:
    gazette = sites["gazette"]

    done = kliping(
        "source", "add", gazette.url("/"), "--name", "G", "--yes", "--samples", "1"
    )

    (facts,) = kliping("source", "show", "G").rows
    watched = {link["url"]: link["kind"] for link in facts["watched"]}
    assert done.rows[0]["articles_a_day"] is None
    assert set(watched.values()) == {"section"}
    assert gazette.url("/") in watched
    assert gazette.url("/rubrique/ville") in watched
    assert gazette.url("/abonnement") not in watched


def test_an_article_leads_to_its_site(kliping: Command, web: NewsWeb) -> None:
    site = next(site for site in web.sites if site.key == "wordpress")
    url = site.url(web.articles(site)[0].path)

    done = kliping("source", "add", url, "--json", "--samples", "1")

    (row,) = done.rows
    assert (done.code, row["given"], row["home"]) == (0, "article", site.url("/"))
    assert site.url("/feed/") in row["source"]["feeds"]


def test_a_feed_is_understood(kliping: Command, sites: dict[str, Site]) -> None:
    feed = sites["shiomihara"].url("/atom.xml")

    done = kliping("source", "add", feed, "--json", "--samples", "3")

    (row,) = done.rows
    assert (row["given"], row["language"]) == ("feed", "ja")
    assert row["source"]["feeds"] == [feed]


def test_a_look_as_json_writes_nothing(
    kliping: Command, sites: dict[str, Site]
) -> None:
    done = kliping(
        "source", "add", sites["portal"].url("/"), "--json", "--samples", "1"
    )

    assert (done.code, done.rows[0]["added"]) == (0, None)
    assert kliping("source", "list").code == 2  # nothing was ever archived


def test_where_nobody_can_be_asked_nothing_is_written(
    kliping: Command, sites: dict[str, Site]
) -> None:
    done = kliping("source", "add", sites["portal"].url("/"), "--samples", "0")

    assert (done.code, done.rows[0]["added"]) == (2, None)
    assert "--yes adds it" in done.err
    assert kliping("source", "list").code == 2


@pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 1)])
def test_a_person_is_shown_the_finding_and_asked(
    kliping: Command,
    sites: dict[str, Site],
    terminal: Callable[..., None],
    monkeypatch: pytest.MonkeyPatch,
    *,
    answer: bool,
    code: int,
) -> None:
    terminal("crawler.cli.sourcing.wizard", "crawler.cli.output")
    monkeypatch.setattr("crawler.cli.sourcing.wizard._asked", lambda _name: answer)

    done = kliping("source", "add", sites["portal"].url("/"), "--samples", "1")

    assert done.code == code
    assert "watch feed " in done.out
    assert "Expected articles a day: about " in done.out
    assert "Opt-outs: none stated" in done.out
    assert ("Watching 127.0.0.1." in done.out) is answer


def test_a_question_needs_somebody_to_answer(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", io.StringIO())

    with pytest.raises(UsageError, match="--yes"):
        _asked("Portal")


def test_a_site_that_forbids_it_is_not_surveyed(kliping: Command, web: NewsWeb) -> None:
    closed = next(site for site in web.misbehaving if site.key == "closed")

    done = kliping("source", "add", closed.url("/"), "--yes")

    assert (done.code, done.out) == (6, "")
    assert "robots.txt" in done.err


def test_a_survey_without_a_contact_says_why_it_is_slow(
    kliping: Command, web: NewsWeb, config: Path, settings: dict[str, Any]
) -> None:
    config.write_text(yaml.safe_dump({**settings, "identity": {}}), encoding="utf-8")
    closed = next(site for site in web.misbehaving if site.key == "closed")

    done = kliping("source", "add", closed.url("/"), "--yes")

    assert "identity.contact is not set: one request in 10s" in done.err


def test_a_second_site_of_a_host_does_not_take_the_place_of_the_first(
    kliping: Command, web: NewsWeb
) -> None:
    """Nobody named either, so both are called by their host."""
    host = web.sites[0].url("/").removesuffix("/")
    kliping("source", "add", f"{host}/en/", "--feed", f"{host}/en/feed")

    done = kliping("source", "add", f"{host}/de/", "--feed", f"{host}/de/feed")
    named = kliping(
        "source", "add", f"{host}/de/", "--feed", f"{host}/d", "--name", "D"
    )
    again = kliping("source", "add", f"{host}/en/", "--feed", f"{host}/en/news")

    rows = kliping("source", "list").rows
    assert done.code == 2
    assert f"already, of {host}/en/" in done.err
    assert (named.code, again.code) == (0, 0)
    assert [row["home"] for row in rows] == [f"{host}/en/", f"{host}/de/"]


def test_a_surveyed_site_does_not_take_the_place_of_another(
    kliping: Command, sites: dict[str, Site]
) -> None:
    """The sites of the fake web are all on one host."""
    first, second = sites["portal"], sites["gazette"]
    kliping("source", "add", first.url("/"), "--yes", "--samples", "0")

    done = kliping("source", "add", second.url("/"), "--yes", "--samples", "0")

    (row,) = kliping("source", "list").rows
    assert (done.code, row["home"]) == (2, first.url("/"))
    assert "--name" in done.err


@pytest.mark.parametrize("words", [("--yes",), ()], ids=["yes", "nobody_asked"])
def test_where_nothing_is_found_nothing_is_added_and_it_is_said(
    kliping: Command, parked: str, words: tuple[str, ...]
) -> None:
    """It would be watched for ever at a page that names no article."""
    done = kliping("source", "add", parked, *words)

    assert (done.code, done.rows[0]["added"]) == (8, None)
    assert "no feed, sitemap or section was found" in done.err
    assert kliping("source", "list").code == 2
