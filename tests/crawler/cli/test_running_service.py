"""The verbs that write, while a service holds the archive: a real one."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import IO

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
    assert lost.code == 4
    assert "HTTP 404 (424)" in lost.err
    assert service.wait(30) == 0


def test_serve_once_visits_what_is_due_and_ends(kliping: Command, web: NewsWeb) -> None:
    site = web.sites[1]
    url = site.url(web.articles(site)[0].path)
    kliping("add", url)

    done = kliping("serve", "--once")

    (link,) = [row for row in kliping("ledger").rows if row["url"] == url]
    assert done.code == 0
    assert link["state"] == "archived"
