"""The service among sites that misbehave: every link ends in a state with its reason."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from sqlmodel import select

from crawler.config.tree import Config
from crawler.demo.server import NewsWeb, Request
from crawler.service.opening import open_service
from crawler.service.service import Service
from storage.model.link_state import LinkState
from storage.sql.tables import ArticleRow, HostRow, LinkRow

_MAGIC = "169.254.169.254"
_STATES = {
    "slow": "error",
    "endless": "error",
    "bomb": "error",
    "failing": "error",
    "busy": "error",
    "loop": "error",
    "lure": "duplicate",
    "soft_404": "gone",
    "bot_wall": "blocked",
    "consent": "blocked",
    "shell": "error",
    "broken_feed": "archived",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Crawl:
    """What one round over all sites left behind, links and hosts by site."""

    links: dict[str, list[LinkRow]]
    hosts: dict[str, HostRow]
    articles: Sequence[ArticleRow]
    log: list[Request]
    ended_at: datetime

    def asked(self, key: str) -> list[str]:
        """Return the paths a site was asked for."""
        return [entry.path for entry in self.log if entry.site == key]


async def _crawl(folder: Path) -> Crawl:
    async with NewsWeb(articles=1) as web:
        config = Config.model_validate(
            {
                "identity": {"contact": "test@news.example"},
                "storage": {"folder": str(folder), "disk_floor": "1MiB"},
                "defaults": {"delay": "0s", "max_age": "3650d"},
                "policy": {"allow_networks": ["127.0.0.0/8"]},
                "limits": {
                    "total": "2s",
                    "first_byte": "2s",
                    "raw_size": "1MiB",
                    "decoded_size": "2MiB",
                },
                "sources": [site.source() for site in web.misbehaving],
            }
        )
        names = {urlsplit(site.base).netloc: site.key for site in web.misbehaving}
        async with open_service(config) as service:
            await _visit_until_nothing_is_due(service)
            with service.session() as session:
                links: dict[str, list[LinkRow]] = {}
                for link in session.exec(select(LinkRow)):
                    netloc = urlsplit(link.url).netloc
                    links.setdefault(names.get(netloc, netloc), []).append(link)
                hosts = {
                    names.get(host.key, host.key): host
                    for host in session.exec(select(HostRow))
                }
                articles = session.exec(select(ArticleRow)).all()
    return Crawl(
        links=links,
        hosts=hosts,
        articles=articles,
        log=web.log,
        ended_at=datetime.now(UTC),
    )


async def _visit_until_nothing_is_due(service: Service) -> None:
    while hosts := await service.due(50):
        await asyncio.gather(*(service.visit(host) for host in hosts))


@pytest.fixture(scope="module")
def crawl(tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    return asyncio.run(_crawl(tmp_path_factory.mktemp("misbehaving")))


def _articles(crawl: Crawl, key: str) -> list[LinkRow]:
    return [link for link in crawl.links[key] if link.kind == "article"]


def test_every_link_ends_in_a_state_with_a_reason(crawl: Crawl) -> None:
    links = [link for found in crawl.links.values() for link in found]
    rests = [link for link in links if link.state == "waiting"]

    assert all(link.state in set(LinkState) for link in links)
    assert all(link.reason for link in links if link not in rests)
    assert {link.host for link in rests} <= {crawl.hosts["busy"].key}


@pytest.mark.parametrize(("key", "state"), _STATES.items(), ids=_STATES.keys())
def test_an_article_of_a_site_ends_as_the_site_deserves(
    crawl: Crawl, key: str, state: str
) -> None:
    found = {link.state for link in _articles(crawl, key)}

    assert state in found
    assert found <= {state, "waiting"}


def test_only_true_articles_are_archived(crawl: Crawl) -> None:
    hosts = {urlsplit(article.url).netloc for article in crawl.articles}

    assert hosts == {crawl.hosts["broken_feed"].key}
    assert sorted(article.title for article in crawl.articles) == [
        "Ferry timetable for the winter months",
        "Lamp posts in the old quarter get new light",
    ]


def test_the_lure_is_refused(crawl: Crawl) -> None:
    (link,) = crawl.links[_MAGIC]

    assert link.state == "refused"
    assert _MAGIC in link.reason


def test_a_busy_host_is_left_to_rest(crawl: Crawl) -> None:
    host = crawl.hosts["busy"]

    assert host.free_at is not None
    assert host.free_at > crawl.ended_at
    assert len([path for path in crawl.asked("busy") if path.startswith("/news/")]) == 1


def test_a_site_that_forbids_all_is_asked_for_its_robots_alone(crawl: Crawl) -> None:
    assert set(crawl.asked("closed")) == {"/robots.txt"}
    assert {link.state for link in crawl.links["closed"]} == {"robots"}


def test_a_feed_with_entities_yields_no_links(crawl: Crawl) -> None:
    assert _articles(crawl, "dtd_feed") == []
