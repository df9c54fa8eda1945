"""`kliping source test`: a source's rules tried on pages, files and the archive."""

import asyncio
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from crawler.config.file import load_config
from crawler.demo.server import NewsWeb, Site
from crawler.service.opening import open_service
from tests.crawler.cli.conftest import Command
from tests.crawler.cli.verbs.test_explain import PAGE
from tests.crawler.web.material import HARBOUR, NOON, keep

Configure = Callable[..., None]


@pytest.fixture
def configure(config: Path, settings: dict[str, Any]) -> Configure:
    """Write one source with these rules into the settings."""

    def write(rules: object, **source: object) -> None:
        entry = {"name": "Courier", "home": "https://courier.example/", "rules": rules}
        text = yaml.safe_dump(settings | {"sources": [entry | source]})
        config.write_text(text, encoding="utf-8")

    return write


@pytest.fixture
def mill(tmp_path: Path) -> Path:
    path = tmp_path / "mill.html"
    path.write_text(PAGE, encoding="utf-8")
    return path


@pytest.fixture
def gazette(web: NewsWeb) -> Site:
    return next(site for site in web.sites if site.key == "gazette")


def test_a_saved_page_shows_each_rule_and_both_readings(
    kliping: Command, configure: Configure, mill: Path
) -> None:
    configure({"title": "h1", "drop_lines": ["Its owners"], "remove": [".by"]})

    sample, coverage = kliping("source", "test", "courier", "--file", mill).rows

    assert [(r["key"], r["matches"], r["taken"]) for r in sample["rules"]] == [
        ("title", 1, True),
        ("remove", 1, True),
        ("drop_lines", 0, False),
    ]
    assert sample["origins"]["title"] == "rule:h1"
    assert sample["without_rules"]["title"] == sample["title"] == "Mill reopens"
    assert coverage["pages"] == 1


def test_rules_that_all_match_end_well(
    kliping: Command, configure: Configure, mill: Path
) -> None:
    configure({"title": "h1"})

    done = kliping("source", "test", "Courier", "--file", mill)

    assert done.code == 0
    assert done.rows[-1]["rules"] == [
        {"key": "title", "rule": "h1", "pages": 1, "matched": 1, "taken": 1}
    ]


def test_a_rule_that_matches_on_no_page_ends_with_12(
    kliping: Command, configure: Configure, mill: Path
) -> None:
    configure({"title": "h1", "authors": ".nobody"})

    assert kliping("source", "test", "Courier", "--file", mill).code == 12


def test_a_rule_that_matches_on_one_page_of_two_will_do(
    kliping: Command, configure: Configure, mill: Path, tmp_path: Path
) -> None:
    bare = tmp_path / "bare.html"
    bare.write_text(PAGE.replace(' class="by"', ""), encoding="utf-8")
    configure({"authors": ".by"})

    done = kliping("source", "test", "Courier", "--file", mill, "--file", bare)

    assert done.code == 0
    assert done.rows[-1]["rules"][0] | {"taken": 1} == {
        "key": "authors",
        "rule": ".by",
        "pages": 2,
        "matched": 1,
        "taken": 1,
    }


def test_rules_of_other_days_are_not_tried(
    kliping: Command, configure: Configure, mill: Path
) -> None:
    configure({"title": ".gone", "valid_until": "2020-01-01"})

    sample, coverage = kliping("source", "test", "Courier", "--file", mill).rows

    assert (sample["without_rules"], coverage["rules"]) == (None, [])


def test_people_see_rules_differences_and_coverage(
    kliping: Command,
    configure: Configure,
    mill: Path,
    terminal: Callable[..., None],
) -> None:
    configure({"title": "title", "authors": ".nobody"})
    terminal("crawler.cli.verbs.source")

    lines = kliping("source", "test", "Courier", "--file", mill).out.splitlines()

    assert "  rule title 'title': 1 match: \"Mill reopens - Courier\"" in lines
    assert "  rule authors '.nobody': MATCHES NOTHING" in lines
    assert "    language: en" in lines
    assert "coverage: 1 page tried" in lines
    assert (
        "  authors '.nobody': matched on 0 of 1 pages, taken on 0: IT MATCHES NOTHING"
        in lines
    )


def test_people_are_told_when_no_set_holds(
    kliping: Command,
    configure: Configure,
    mill: Path,
    terminal: Callable[..., None],
) -> None:
    configure({"title": "h1", "valid_until": "2020-01-01"})
    terminal("crawler.cli.verbs.source")

    out = kliping("source", "test", "Courier", "--file", mill).out

    assert "  no set of rules holds on the days of these pages" in out


def test_json_may_be_had_on_a_terminal(
    kliping: Command,
    configure: Configure,
    mill: Path,
    terminal: Callable[..., None],
) -> None:
    configure({"title": "h1"})
    terminal("crawler.cli.verbs.source")

    done = kliping("source", "test", "Courier", "--file", mill, "--json")

    assert done.rows[-1]["kind"] == "coverage"


@pytest.mark.parametrize(
    ("content", "why"),
    [("https://a.example/\n", "--file takes saved pages"), (None, "neither a URL")],
    ids=["a list of URLs", "missing"],
)
def test_what_is_no_saved_page_is_a_usage_error(
    kliping: Command,
    configure: Configure,
    tmp_path: Path,
    content: str | None,
    why: str,
) -> None:
    path = tmp_path / "given"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    configure({"title": "h1"})

    done = kliping("source", "test", "Courier", "--file", path)

    assert done.code == 2
    assert why in done.err


def test_live_pages_are_tried_by_the_rules_of_the_home_page_named(
    kliping: Command, configure: Configure, gazette: Site, settings: dict[str, Any]
) -> None:
    rules = {"title": "h1", "body": ".texte", "remove": [".lire-aussi"]}
    configure(rules, **gazette.source())

    done = kliping("source", "test", gazette.url("/"), "--samples", "2")

    samples = [row for row in done.rows if row["kind"] == "sample"]
    assert done.code == 0
    assert [row["origins"]["body"] for row in samples] == ["rule", "rule"]
    assert not Path(settings["storage"]["folder"]).exists()


def test_without_an_archive_archived_is_a_usage_error(
    kliping: Command, configure: Configure
) -> None:
    configure({"title": "h1"})

    done = kliping("source", "test", "Courier", "--archived")

    assert done.code == 2
    assert "nothing is archived" in done.err


async def _keep_one(config: Path) -> None:
    async with open_service(load_config(config, {})) as service:
        await keep(service, HARBOUR, "Courier", NOON)


def test_archived_articles_are_tried_as_they_were_captured(
    kliping: Command, configure: Configure, config: Path
) -> None:
    configure([{"body": "p", "valid_until": "2026-03-14"}])
    asyncio.run(_keep_one(config))

    sample, coverage = kliping("source", "test", "Courier", "--archived").rows

    assert sample["url"] == f"{HARBOUR.url} as captured 2026-03-14"
    assert sample["text"] == "as received"
    assert coverage["rules"][0]["matched"] == 1


def test_a_source_without_articles_has_none_to_try(
    kliping: Command, configure: Configure, config: Path
) -> None:
    configure({"body": "p"})
    asyncio.run(_keep_one(config))
    configure({"body": "p"}, name="Other", home="https://other.example/")
    asyncio.run(_keep_none(config))

    done = kliping("source", "test", "Other", "--archived")

    assert (done.code, done.err) == (
        2,
        "kliping: no article of 'Other' is archived yet\n",
    )


async def _keep_none(config: Path) -> None:
    async with open_service(load_config(config, {})):
        pass
