"""A source that was taken out of config.yaml: what it brought stays within reach."""

from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from crawler.cli.app import app
from crawler.demo.server import NewsWeb
from tests.crawler.cli.conftest import Command, Ended

NAME = "Harbour Mills Courier"


@pytest.fixture(scope="module")
def archive(web: NewsWeb, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A config file that has lost its source; its articles are archived."""
    place = tmp_path_factory.mktemp("archive")
    path = place / "config.yaml"
    site = next(site for site in web.sites if site.key == "wordpress")
    settings = {
        "identity": {"contact": "archive@kliping.invalid"},
        "storage": {"folder": str(place / "kept"), "disk_floor": 1},
        "defaults": {"delay": "1ms"},
        "policy": {"allow_networks": ["127.0.0.0/8"]},
    }
    for sources in [site.source()], []:
        path.write_text(yaml.safe_dump(settings | {"sources": sources}))
        done = CliRunner().invoke(app, ["--config", str(path), "serve", "--once"])
        assert done.exit_code == 0, done.stderr
    return path


@pytest.fixture
def kliping(archive: Path) -> Command:
    def run(*words: str) -> Ended:
        done = CliRunner().invoke(app, ["--config", str(archive), *words])
        return Ended(done.exit_code, done.stdout, done.stderr)

    return run


def test_its_articles_are_exported(kliping: Command) -> None:
    rows = kliping("export", "--source", NAME).rows

    assert {row["source"] for row in rows} == {NAME}


def test_its_urls_are_listed(kliping: Command) -> None:
    rows = kliping("ledger", "--source", NAME, "--state", "archived").rows

    assert {row["source_id"] for row in rows} == {1}


def test_its_articles_are_read_again(kliping: Command) -> None:
    done = kliping("reextract", "--shadow", "--source", NAME)

    assert done.code == 0
    assert "read otherwise, 3 as before" in done.err


@pytest.mark.parametrize(
    "words",
    [("pause", NAME), ("poll", NAME), ("boost", NAME), ("test", NAME)],
    ids=["pause", "poll", "boost", "test"],
)
def test_it_is_asked_nothing_any_more(kliping: Command, words: tuple[str, str]) -> None:
    done = kliping("source", *words)

    assert done.code == 2
    assert "was removed" in done.err


def test_it_is_no_source_of_health_nor_of_the_digest(kliping: Command) -> None:
    health = kliping("health").rows[0]

    assert (health["kind"], health["sources"]) == ("totals", 0)
    assert "articles of 0 sources" in kliping("digest").out
