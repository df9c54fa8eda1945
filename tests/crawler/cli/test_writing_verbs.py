"""The verbs that write, where no service runs."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.demo.server import NewsWeb, Site
from storage.folder import DataFolder
from tests.crawler.cli.conftest import Command


@pytest.fixture
def portal(web: NewsWeb) -> Site:
    return next(site for site in web.sites if site.key == "portal")


def test_add_enters_a_url_as_due(kliping: Command) -> None:
    done = kliping("add", "https://courier.example/mill")

    (row,) = done.rows
    (link,) = kliping("ledger").rows
    assert row == {
        "url": "https://courier.example/mill",
        "link_id": link["id"],
        "state": "waiting",
    }
    assert link["next_run"] is not None


def test_add_of_what_is_no_url_is_a_usage_error_and_adds_nothing(
    kliping: Command,
) -> None:
    done = kliping("add", "https://courier.example/mill", "ftp://courier.example/")

    assert (done.code, done.out) == (2, "")
    assert "nothing is archived" in kliping("ledger").err


def test_an_archive_that_another_command_holds_is_a_storage_error(
    kliping: Command, settings: dict[str, Any]
) -> None:
    with DataFolder(Path(settings["storage"]["folder"])).lock({}):
        done = kliping("add", "https://courier.example/mill")

    assert done.code == 10
    assert "is in use by process" in done.err


def test_source_add_watches_the_feed_that_is_named(kliping: Command) -> None:
    done = kliping(
        *("source", "add", "https://www.courier.example/", "--name", "Courier"),
        *("--feed", "https://courier.example/rss", "--language", "en", "--delay", "5s"),
    )

    (facts,) = kliping("source", "show", "Courier").rows
    assert done.rows == [{"id": 1, "name": "Courier", "state": "active"}]
    assert [link["url"] for link in facts["watched"]] == ["https://courier.example/rss"]
    assert (facts["settings"]["language"], facts["manners"]["delay"]) == ("en", "5s")


def test_source_add_of_an_unreachable_home_ends_with_its_reason(
    kliping: Command, free_tcp_port: int
) -> None:
    done = kliping("source", "add", f"http://127.0.0.1:{free_tcp_port}/")

    assert (done.code, done.out) == (4, "")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (("courier.example",), "home: "),
        (("https://courier.example/", "--delay", "soon"), "delay: write a duration"),
        (("https://courier.example/", "--group", "none"), "no group 'none'"),
    ],
    ids=["address", "delay", "group"],
)
def test_source_add_says_which_option_is_wrong(
    kliping: Command, words: tuple[str, ...], why: str
) -> None:
    done = kliping("source", "add", *words, "--feed", "https://courier.example/rss")

    assert done.code == 2
    assert why in done.err
    assert len(done.err.splitlines()) == 1


def test_source_add_does_not_take_the_name_of_a_configured_one(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    entry = {"name": "Courier", "home": "https://courier.example/"}
    config.write_text(yaml.safe_dump(settings | {"sources": [entry]}), encoding="utf-8")

    done = kliping(
        *("source", "add", "https://other.example/", "--name", "courier"),
        *("--feed", "https://other.example/rss"),
    )

    assert done.code == 2
    assert "a source is named 'Courier' already" in done.err


def test_source_pause_and_resume_set_its_state(kliping: Command) -> None:
    feed = ("--feed", "https://courier.example/rss")
    kliping("source", "add", "https://courier.example/", "--name", "Courier", *feed)

    (paused,) = kliping("source", "pause", "Courier").rows
    (resumed,) = kliping("source", "resume", "Courier").rows

    assert (paused["state"], resumed["state"]) == ("paused", "active")


def test_a_source_that_was_added_is_removed(kliping: Command) -> None:
    feed = ("--feed", "https://courier.example/rss")
    kliping("source", "add", "https://courier.example/", "--name", "Courier", *feed)

    done = kliping("source", "remove", "Courier")
    again = kliping("source", "remove", "Courier")

    assert done.rows == [{"id": 1, "name": "Courier", "state": "removed"}]
    assert kliping("source", "list").rows == []
    assert (again.code, "was removed" in again.err) == (2, True)


def test_a_source_of_the_settings_is_not_removed_by_command(
    kliping: Command, config: Path, settings: dict[str, Any]
) -> None:
    """It would come back at the next start."""
    entry = {"name": "Courier", "home": "https://courier.example/"}
    config.write_text(yaml.safe_dump(settings | {"sources": [entry]}), encoding="utf-8")
    kliping("source", "pause", "Courier")

    done = kliping("source", "remove", "Courier")

    (row,) = kliping("source", "list").rows
    assert (done.code, row["state"]) == (2, "paused")
    assert "'Courier' is listed in config.yaml; take it out there" in done.err


def test_a_source_is_polled_and_boosted(kliping: Command) -> None:
    feed = ("--feed", "https://courier.example/rss")
    kliping("source", "add", "https://courier.example/", "--name", "Courier", *feed)

    (polled,) = kliping("source", "poll", "Courier").rows
    (boosted,) = kliping("source", "boost", "Courier", "--hours", "3").rows
    (shown,) = kliping("source", "show", "Courier").rows

    assert polled == {"name": "Courier", "lists": 1, "rests_until": None}
    assert boosted["boost_until"] is not None
    assert shown["boost_until"] == boosted["boost_until"]
    assert shown["watched"][0]["polls"] == {"interval": None, "why": "never read"}
    assert shown["looks"]["share_of_requests"] == 0
    assert shown["looks"]["goes_to"] == "those worth 0.0% and more"


@pytest.mark.parametrize("verb", ["pause", "resume", "boost", "poll"])
def test_to_pause_an_unknown_source_is_a_usage_error(
    kliping: Command, verb: str
) -> None:
    done = kliping("source", verb, "Nobody")

    assert done.code == 2
    assert "no source is named 'Nobody'" in done.err


def test_source_test_shows_what_a_site_would_bring_and_keeps_nothing(
    kliping: Command, portal: Site, settings: dict[str, Any]
) -> None:
    done = kliping("source", "test", portal.url("/"))

    feed, *samples = done.rows
    assert done.code == 0
    assert (feed["kind"], feed["found"]) == ("feed", 3)
    assert [row["verdict"] for row in samples] == ["article"] * 3
    assert not Path(settings["storage"]["folder"]).exists()


def test_source_test_tells_a_configured_source_for_people(
    kliping: Command,
    config: Path,
    settings: dict[str, Any],
    web: NewsWeb,
    terminal: Callable[..., None],
) -> None:
    site = next(site for site in web.misbehaving if site.key == "closed")
    entry = {"name": "Closed", "home": site.url("/"), "feeds": [site.url("/feed.xml")]}
    config.write_text(yaml.safe_dump(settings | {"sources": [entry]}), encoding="utf-8")
    terminal("crawler.cli.verbs.source")

    done = kliping("source", "test", "closed")

    assert done.code == 6
    assert done.out.startswith(f"feed {site.url('/feed.xml')}: failed: ")


def test_source_test_of_an_unknown_name_is_a_usage_error(kliping: Command) -> None:
    assert kliping("source", "test", "Nobody").code == 2


def test_source_test_of_a_feed_that_is_none_is_told(
    kliping: Command, config: Path, settings: dict[str, Any], web: NewsWeb
) -> None:
    site = next(site for site in web.misbehaving if site.key == "dtd_feed")
    entry = {"name": "Dtd", "home": site.url("/"), "feeds": [site.url("/feed.xml")]}
    config.write_text(yaml.safe_dump(settings | {"sources": [entry]}), encoding="utf-8")

    done = kliping("source", "test", "Dtd")

    (row,) = done.rows
    assert done.code == 8
    assert row["exit_code"] == 8
    assert row["error"]


def test_source_test_reads_sitemaps_and_sections_for_people(
    kliping: Command,
    config: Path,
    settings: dict[str, Any],
    web: NewsWeb,
    terminal: Callable[..., None],
) -> None:
    bote = next(site for site in web.sites if site.key == "bote")
    front, missing = bote.url("/"), bote.url("/none")
    entry = bote.source() | {"sections": [front, missing]}
    config.write_text(yaml.safe_dump(settings | {"sources": [entry]}), encoding="utf-8")
    terminal("crawler.cli.verbs.source")

    done = kliping("source", "test", bote.name)

    lines = done.out.splitlines()
    assert done.code == 1
    assert any(line.startswith(f"sitemap {bote.url('/sitemap')}") for line in lines)
    assert any(line.startswith(f"section {front}: ") for line in lines)
    assert f"section {missing}: failed: {missing}: HTTP 404" in lines
    assert sum(line.endswith(": article") for line in lines) == 3


def test_source_test_of_an_unreachable_home_ends_with_its_reason(
    kliping: Command, free_tcp_port: int
) -> None:
    done = kliping("source", "test", f"http://127.0.0.1:{free_tcp_port}/")

    (row,) = done.rows
    assert (done.code, row["kind"]) == (4, "home")


def test_source_test_tells_of_samples_that_cannot_be_had(
    kliping: Command, web: NewsWeb
) -> None:
    failing = next(site for site in web.misbehaving if site.key == "failing")

    done = kliping("source", "test", failing.url("/feed.xml"))

    feed, *samples = done.rows
    assert feed["found"] == 2
    assert [row["exit_code"] for row in samples] == [5, 5]


def test_sources_may_be_asked_against_their_robots_where_policy_says_so(
    kliping: Command, config: Path, settings: dict[str, Any], web: NewsWeb
) -> None:
    closed = next(site for site in web.misbehaving if site.key == "closed")
    settings["policy"]["robots"] = "ignore"
    config.write_text(yaml.safe_dump(settings), encoding="utf-8")

    done = kliping(
        *("source", "add", closed.url("/feed.xml"), "--name", "Closed", "--yes"),
        *("--samples", "1"),
    )

    (row,) = done.rows
    assert row["added"]["name"] == "Closed"
    assert row["robots"] == {"status": None, "line": "not asked", "crawl_delay": None}
