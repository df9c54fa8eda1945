"""The verbs that write, while a service holds the archive: a real one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

import httpx
import pytest

from crawler.demo.server import NewsWeb
from tests.crawler.cli.conftest import Command

ROOT = Path(__file__).parents[3]


@pytest.fixture
def service(config: Path) -> Iterator[subprocess.Popen[str]]:
    """`kliping serve` in a process of its own, once it has said its address."""
    process = subprocess.Popen(
        [sys.executable, "-m", "crawler", "--config", str(config), "serve"],
        cwd=ROOT,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONUNBUFFERED": "1"},
    )
    with process:
        stdout: IO[str] = process.stdout  # type: ignore[assignment]
        assert stdout.readline().startswith("Kliping is running: http://127.0.0.1:")
        yield process
        process.kill()


def test_commands_that_write_ask_the_service_and_sigterm_ends_it_well(
    service: subprocess.Popen[str], kliping: Command, web: NewsWeb
) -> None:
    """One start, many facts: a start costs seconds."""
    site = web.sites[0]
    url = site.url(web.articles(site)[0].path)
    feed = ("--feed", "https://courier.invalid/rss")

    fetched = kliping("fetch", "--save", "-f", "jsonl", url)
    added = kliping("add", "https://courier.invalid/mill")
    source = kliping(
        "source", "add", "https://courier.invalid/", "--name", "A b", *feed
    )
    paused = kliping("source", "pause", "A b")
    unknown = kliping("source", "resume", "Nobody")
    not_a_url = kliping("add", "https://")
    home = site.url("/")
    surveyed = kliping("source", "add", home, "--yes", "--samples", "1", "--name", "C")
    lost = kliping("source", "add", site.url("/no/such/page"), "--yes")
    token = kliping("token", "add", "desk", "--scope", "fetch", "--json").rows[0]
    nameless = kliping("token", "add", "", "--lasts", "abc")
    tokens = kliping("token", "list").rows
    link = kliping("login").out.strip()
    shown = httpx.get(link, trust_env=False)
    own = {"Authorization": f"Bearer {token['token']}"}
    articles = httpx.URL(link).join("/v1/articles")
    before = httpx.get(articles, headers=own, trust_env=False)
    kliping("token", "revoke", token["id"])
    after = httpx.get(articles, headers=own, trust_env=False)
    service.send_signal(signal.SIGTERM)

    assert [(row["state"], row["change"]) for row in fetched.rows] == [
        ("archived", "first")
    ]
    assert fetched.rows[0]["title"]
    assert [row["state"] for row in added.rows] == ["waiting"]
    assert [(row["name"], row["state"]) for row in source.rows] == [("A b", "active")]
    assert [(row["name"], row["state"]) for row in paused.rows] == [("A b", "paused")]
    assert unknown.code == 2
    assert unknown.err.startswith("kliping: the running service says: ")
    assert not_a_url.code == 2
    (finding,) = surveyed.rows
    assert "the running service surveys" in surveyed.err
    assert (finding["home"], finding["added"]["name"]) == (home, "C")
    assert len(finding["samples"]) == 1
    assert lost.code == 5
    assert "HTTP 404 (424)" in lost.err
    assert nameless.code == 2
    assert "(422); name: must not be empty; lasts: write a duration" in nameless.err
    assert [(one["name"], one["scope"]) for one in tokens] == [("desk", "fetch")]
    assert "Log in as the operator of this machine" in shown.text
    assert (before.status_code, after.status_code) == (200, 401)
    assert service.wait(30) == 0


def test_tokens_are_given_out_and_let_go_without_a_service(kliping: Command) -> None:
    token = kliping("token", "add", "desk", "--lasts", "30d").out.strip()
    (known,) = kliping("token", "list").rows
    gone = kliping("token", "revoke", known["id"])
    unknown = kliping("token", "revoke", known["id"])
    login = kliping("login")

    assert len(token) == 43
    assert (known["name"], known["scope"], known["is_login"]) == ("desk", "read", False)
    assert known["expires_at"] > known["created_at"]
    assert kliping("token", "list").out == ""
    assert (gone.code, unknown.code) == (0, 2)
    assert (login.code, login.err.strip().splitlines()[-1]) == (
        2,
        "kliping: no service runs on this data folder; start `kliping serve`",
    )


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("",), "name: must not be empty"),
        ((" ",), "name: must not be empty"),
        (("desk", "--lasts", "abc"), "lasts: write a duration such as 90s"),
        (("desk", "--lasts", "0s"), "lasts: a token lasts longer than no time"),
        (("desk", "--lasts", "99999999d"), "lasts: a token lasts longer than no time"),
    ],
    ids=["no name", "blank name", "no duration", "no time", "for ever"],
)
def test_what_makes_no_token_is_a_usage_error(
    kliping: Command, words: tuple[str, ...], why: str
) -> None:
    done = kliping("token", "add", *words)

    assert (done.code, done.out) == (2, "")
    assert done.err.startswith(f"kliping: {why}")


def test_serve_once_visits_what_is_due_and_ends(kliping: Command, web: NewsWeb) -> None:
    site = web.sites[1]
    url = site.url(web.articles(site)[0].path)
    kliping("add", url)

    done = kliping("serve", "--once")

    (link,) = [row for row in kliping("ledger").rows if row["url"] == url]
    assert done.code == 0
    assert link["state"] == "archived"
