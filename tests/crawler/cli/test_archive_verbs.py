"""The verbs that read the archive: all over one archive, made once."""

import json
import re
import sqlite3
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from typer.testing import CliRunner

from crawler.cli.app import app
from crawler.demo.server import NewsWeb
from tests.crawler.cli.conftest import Command, Ended


@pytest.fixture(scope="module")
def archive(web: NewsWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config file whose data folder holds two articles and a refused page."""
    place = tmp_path_factory.mktemp("archive")
    path = place / "config.yaml"
    site = next(site for site in web.sites if site.key == "wordpress")
    closed = next(site for site in web.misbehaving if site.key == "closed")
    settings = {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": {"folder": str(place / "kept"), "disk_floor": 1},
        "defaults": {"delay": "1ms"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
        "sources": [site.source() | {"state": "paused"}],
    }
    path.write_text(yaml.safe_dump(settings, allow_unicode=True), encoding="utf-8")
    urls = [site.url(revision.path) for revision in web.articles(site)[:2]]
    words = ["fetch", "--save", "-f", "jsonl", *urls, closed.url("/news/a-4711")]
    done = CliRunner().invoke(app, ["--config", str(path), *words])
    assert [json.loads(x)["exit_code"] for x in done.stdout.splitlines()] == [0, 0, 6]
    return path


@pytest.fixture
def kliping(archive: Path) -> Command:
    def run(*words: str) -> Ended:
        done = CliRunner().invoke(app, ["--config", str(archive), *words])
        return Ended(done.exit_code, done.stdout, done.stderr)

    return run


@pytest.fixture
def first(kliping: Command) -> dict[str, Any]:
    """The ledger's line of an archived article."""
    return kliping("ledger", "--state", "archived").rows[0]


@pytest.fixture
def title(kliping: Command, first: dict[str, Any]) -> str:
    return kliping("show", first["url"]).out.splitlines()[0]


def test_show_prints_an_article_by_its_url(kliping: Command) -> None:
    document = json.loads(kliping("show", "1", "-f", "jsonl").out)
    by_url = kliping("show", document["url"])

    assert by_url.out.startswith(f"{document['title']}\n\n")


def test_show_finds_an_article_by_its_id(kliping: Command) -> None:
    document = json.loads(kliping("show", "1", "-f", "json").out)

    assert (document["article_id"], document["version"]) == (1, 1)
    assert document["blocks"]


@pytest.fixture
def moved(archive: Path) -> Iterator[None]:
    """The first article's address leads to the second's for a while."""
    database = sqlite3.connect(archive.parent / "kept" / "kliping.sqlite3")
    lead = "UPDATE link SET alias_of = ? WHERE id = ?"
    of = dict(database.execute("SELECT id, link_id FROM article"))
    with database:
        database.execute(lead, (of[2], of[1]))
    yield
    with database:
        database.execute(lead, (None, of[1]))
    database.close()


@pytest.mark.usefixtures("moved")
def test_show_says_where_an_article_went_on(kliping: Command) -> None:
    before, now = kliping("show", "1"), kliping("show", "2")
    (told,) = kliping("show", "1", "-f", "jsonl").rows

    assert before.err.startswith("later versions: article 2, http://")
    assert now.err.startswith("earlier versions: article 1, http://")
    assert (told["moved_to"], told["came_from"]) == ([2], [])


@pytest.mark.parametrize(
    ("form", "start"), [("md", "---\ntitle: "), ("html", "<!doctype html>")]
)
def test_show_prints_other_formats(kliping: Command, form: str, start: str) -> None:
    assert kliping("show", "1", "-f", form).out.startswith(start)


def test_front_matter_has_its_times_as_iso_8601(kliping: Command) -> None:
    shown = kliping("show", "1", "-f", "md").out

    (stated,) = re.findall(r'^captured_at: "(.*)"$', shown, re.MULTILINE)
    assert datetime.fromisoformat(stated).isoformat() == stated


def test_show_says_that_a_version_is_missing(kliping: Command) -> None:
    done = kliping("show", "1", "--version", "9")

    assert (done.code, done.err) == (2, "kliping: 1: no version 9\n")


@pytest.mark.parametrize("verb", ["show", "versions"])
def test_an_unknown_article_is_a_usage_error(kliping: Command, verb: str) -> None:
    done = kliping(verb, "https://courier.example/never")

    assert (done.code, done.out) == (2, "")
    assert "no such URL was seen" in done.err


def test_show_says_where_a_url_without_an_article_stands(
    kliping: Command,
) -> None:
    (refused,) = kliping("ledger", "--state", "robots").rows

    done = kliping("show", refused["url"])

    assert done.code == 2
    assert "no article; it is robots" in done.err


def test_versions_lists_what_changed_when(kliping: Command) -> None:
    (version,) = kliping("versions", "1").rows
    assert version["url"].startswith("http://")

    assert (version["number"], version["change"]) == (1, "first")


def test_search_finds_an_article_by_its_title(kliping: Command, title: str) -> None:
    done = kliping("search", *title.split())

    assert title in [row["title"] for row in done.rows]


@pytest.mark.parametrize("dashes", [(), ("--",)], ids=["bare", "after dashes"])
def test_search_excludes_a_word_that_begins_with_a_hyphen(
    kliping: Command, title: str, dashes: tuple[str, ...]
) -> None:
    word = max(title.split(), key=len)

    found = kliping("search", "lang:en", "--limit", "5").rows
    others = kliping("search", *dashes, "lang:en", f"-{word}").rows

    assert title in [row["title"] for row in found]
    assert title not in [row["title"] for row in others]
    assert others


def test_search_lists_by_dates(kliping: Command) -> None:
    dates = [
        row["published_at"] for row in kliping("search", "lang:en", "--published").rows
    ]

    assert len(dates) > 1
    assert dates == sorted(dates, reverse=True)


def test_search_has_one_order(kliping: Command) -> None:
    done = kliping("search", "a", "--published", "--newest")

    assert done.code == 2


def test_search_goes_on_at_its_cursor(kliping: Command) -> None:
    whole = [row["id"] for row in kliping("search", "lang:en").rows]
    first = kliping("search", "lang:en", "--limit", "1")
    cursor = first.err.split()[-1]

    rest = kliping("search", "lang:en", "--cursor", cursor)

    assert [row["id"] for row in (*first.rows, *rest.rows)] == whole


def test_search_says_why_it_finds_nothing(kliping: Command) -> None:
    done = kliping("search", "titel:zeppelin", "lang:en")

    assert (done.code, done.rows) == (0, [])
    assert done.err.splitlines() == [
        "no article has titel:zeppelin",
        "titel: is no field, so it was looked for as a word",
    ]


def test_search_still_knows_its_options_from_words(kliping: Command) -> None:
    assert "Usage: kliping search" in kliping("search", "-h").out
    assert kliping("search", "lang:en", "--newst").code == 2
    assert kliping("search", "lang:en", "-o").code == 2


def test_search_that_finds_nothing_prints_nothing(kliping: Command) -> None:
    done = kliping("search", "xylophonists")

    assert (done.code, done.out) == (0, "")


def test_search_for_nothing_is_a_usage_error(kliping: Command) -> None:
    done = kliping("search", "--", "-title:")

    assert done.code == 2


def test_ledger_lists_every_url_newest_first(kliping: Command) -> None:
    rows = kliping("ledger").rows

    assert [row["id"] for row in rows] == sorted((r["id"] for r in rows), reverse=True)
    assert {"archived", "robots"} <= {row["state"] for row in rows}


def test_ledger_keeps_to_a_source_and_a_limit(kliping: Command) -> None:
    rows = kliping("ledger", "--source", "Harbour Mills Courier", "--limit", "1").rows

    assert [row["source_id"] for row in rows] == [1]


def test_ledger_of_an_unknown_source_is_a_usage_error(kliping: Command) -> None:
    assert kliping("ledger", "--source", "Nobody").code == 2


def test_ledger_of_an_unknown_state_is_a_usage_error(kliping: Command) -> None:
    assert kliping("ledger", "--state", "lost").code == 2


def test_explain_tells_the_link_its_captures_and_its_article(
    kliping: Command, first: dict[str, Any], title: str
) -> None:
    (facts,) = kliping("explain", first["url"]).rows

    assert facts["link"]["state"] == "archived"
    assert facts["captures"][0]["verdict"] == "article"
    assert facts["explanation"]["notes"] == []
    assert {block["fate"] for block in facts["explanation"]["blocks"]} >= {"kept"}
    assert (
        facts["article"]["document"]["provenance"]["title"]["winner"]["value"] == title
    )


def test_explain_reads_well_on_a_terminal(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.verbs.explain")

    text = kliping("explain", "1").out

    for part in (
        "Link:",
        "Captures: 1",
        "verdict: article",
        "Fields:",
        "Removed lines",
        "Blocks: ",
    ):
        assert part in text


def test_explain_shows_the_line_of_robots_that_forbids(kliping: Command) -> None:
    (refused,) = kliping("ledger", "--state", "robots").rows

    (facts,) = kliping("explain", refused["url"]).rows

    assert "Disallow: /" in f"{facts['link']['reason']} {facts['link']['robots_line']}"
    assert facts["article"] is None
    assert facts["explanation"] is None


def test_explain_has_no_page_to_write_of_what_was_never_captured(
    kliping: Command,
) -> None:
    (refused,) = kliping("ledger", "--state", "robots").rows

    done = kliping("explain", refused["url"], "--html", "-")

    assert (done.code, done.out) == (2, "")
    assert "no page of it was captured" in done.err


def test_explain_writes_an_archived_article_as_a_page(kliping: Command) -> None:
    page = kliping("explain", "1", "--html", "-").out

    assert 'id="blocks"' in page


def test_explain_takes_a_line_of_the_ledger_by_its_number(kliping: Command) -> None:
    (refused,) = kliping("ledger", "--state", "robots").rows

    (facts,) = kliping("explain", f"link:{refused['id']}").rows

    assert facts["link"]["url"] == refused["url"]


@pytest.mark.parametrize("number", ["999", "9" * 18, "9" * 40])
def test_explain_of_a_line_that_is_not_there_is_a_usage_error(
    kliping: Command, number: str
) -> None:
    done = kliping("explain", f"link:{number}")

    assert (done.code, done.err) == (2, f"kliping: link:{number}: never seen\n")


def test_explain_of_a_number_that_is_no_article_names_the_other_numbers(
    kliping: Command,
) -> None:
    done = kliping("explain", "999")

    assert "`link:999` is line 999 of `ledger`" in done.err


@pytest.mark.parametrize("words", [(), ("--full",)], ids=["quick", "full"])
def test_verify_finds_no_damage_in_a_sound_archive(
    kliping: Command, words: tuple[str, ...]
) -> None:
    done = kliping("verify", *words)

    assert (done.code, done.out) == (0, "")


def test_health_tells_what_is_held_and_how_sources_fare(kliping: Command) -> None:
    totals, source = kliping("health").rows

    assert (totals["kind"], totals["articles"]) == ("totals", 2)
    assert (source["name"], source["well"]) == ("Harbour Mills Courier", True)


@pytest.fixture
def alarmed(archive: Path) -> Iterator[int]:
    """Its source has more open alerts than any page of them shows."""
    database, many = sqlite3.connect(archive.parent / "kept" / "kliping.sqlite3"), 1_001
    with database:
        database.executemany(
            "INSERT INTO alert (source_id, loss, kind, why, bad_since, opened_at,"
            " is_told, lost) SELECT id, 'articles', 'blocked', 'refused', ?, ?, 0, 1"
            " FROM source LIMIT 1",
            [("2026-11-26 12:00:00.000000",) * 2] * many,
        )
    yield many
    with database:
        database.execute("DELETE FROM alert")
    database.close()


def test_health_passes_over_no_alert_however_many_there_are(
    kliping: Command, alarmed: int
) -> None:
    _, source = kliping("health").rows

    assert source["why"].count("refused") == alarmed


def test_health_shows_the_unwell_alone(kliping: Command) -> None:
    (totals,) = kliping("health", "--unwell").rows

    assert totals["kind"] == "totals"


@pytest.mark.usefixtures("alarmed")
def test_health_shows_who_is_unwell(kliping: Command) -> None:
    done = kliping("health", "--unwell")

    assert done.code == 12
    assert [row["name"] for row in done.rows[1:]] == ["Harbour Mills Courier"]


@pytest.mark.usefixtures("alarmed")
def test_health_on_a_terminal_counts_the_unwell(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.output", "crawler.cli.verbs.health")

    assert "unwell 1 of 1 sources" in kliping("health").err


def test_source_list_counts_links(kliping: Command) -> None:
    (row,) = kliping("source", "list").rows

    assert (row["name"], row["state"], row["links"]) == (
        "Harbour Mills Courier",
        "paused",
        2,
    )


def test_source_show_tells_settings_and_manners(kliping: Command) -> None:
    (facts,) = kliping("source", "show", "Harbour Mills Courier").rows

    assert facts["manners"]["delay"] == "1ms"
    assert [link["kind"] for link in facts["watched"]] == ["feed", "sitemap"]


def test_source_show_of_an_unknown_name_is_a_usage_error(kliping: Command) -> None:
    done = kliping("source", "show", "Nobody")

    assert done.code == 2
    assert "no source is named 'Nobody'" in done.err


@pytest.mark.parametrize("name", ["harbour mills courier", "Harbor Mils Courier"])
def test_a_name_that_is_nearly_a_sources_is_told_the_right_one(
    kliping: Command, name: str
) -> None:
    done = kliping("source", "show", name)

    assert done.code == 2
    assert "did you mean 'Harbour Mills Courier'? see `kliping source list`" in done.err


def test_lists_are_tables_on_a_terminal(
    kliping: Command, terminal: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "200")
    terminal("crawler.cli.output")

    lines = kliping("ledger", "--state", "robots").out.splitlines()

    assert lines[0].split()[:3] == ["link", "state", "status"]
    assert len(lines) >= 2


def test_an_empty_list_says_so_on_a_terminal(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.output")

    done = kliping("search", "xylophonists")

    assert (done.out, done.err) == ("", "nothing found\n")


def test_text_on_a_terminal_is_broken_between_words(
    kliping: Command, terminal: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COLUMNS", "40")
    in_a_pipe = kliping("show", "1").out
    terminal("crawler.cli.output")

    shown = kliping("show", "1").out

    assert max(len(line) for line in shown.splitlines()) <= 40
    assert shown.split() == in_a_pipe.split()


def test_a_url_in_a_table_is_never_cut(
    kliping: Command, terminal: Callable[..., None], monkeypatch: pytest.MonkeyPatch
) -> None:
    (refused,) = kliping("ledger", "--state", "robots").rows
    monkeypatch.setenv("COLUMNS", "80")
    terminal("crawler.cli.output")

    shown = kliping("ledger", "--state", "robots").out

    assert "…" not in shown
    assert refused["url"] in shown


def test_health_on_a_terminal_says_yes_or_no(
    kliping: Command, terminal: Callable[..., None]
) -> None:
    terminal("crawler.cli.output", "crawler.cli.verbs.health")

    done = kliping("health")

    assert "articles 2" in done.err
    assert " yes " in done.out
