"""Fetch one URL now: with robots, guard and capture, archived or only shown."""

from dataclasses import dataclass
from datetime import datetime

from storage.writer import Tx

from crawler.config import Config
from crawler.extract.pool import ExtractPool
from crawler.extract.source import PageSource
from crawler.fetch.client import Client
from crawler.host_robots import HostRobots, fetch_robots, robots_of
from crawler.means import Means
from crawler.urls import fetch_url, host_key, url_key
from crawler.visit import Done, visit_for
from storage.model import Exchange, Extraction, LinkKind, NewLink
from storage.sql.ledger import add_links, due_now, find_link


@dataclass(frozen=True, slots=True, kw_only=True)
class Fetched:
    """An answer and what was made of it; `extraction` None when it was no 2xx."""

    answer: Exchange
    extraction: Extraction | None


async def fetch_one(
    url: str, config: Config, client: Client, pool: ExtractPool, now: datetime
) -> Fetched:
    """Fetch a URL and extract it; nothing is kept.

    Raises:
        FetchError: it could not be fetched, or robots.txt or the guard refused.
        ExtractFailed: the page could not be read within the limits.
    """
    robots: dict[str, HostRobots] = {}

    async def allow(target: str) -> None:
        host = host_key(target)
        if host not in robots:
            copy, _ = await fetch_robots(client, target, None, now)
            robots[host] = robots_of(copy, obey=config.policy.robots == "obey")
        robots[host].check(config.identity.name, target)

    hops = await client.fetch(fetch_url(url), allow=allow)
    answer = hops[-1]
    source = PageSource(
        url=answer.url,
        body=answer.body,
        captured_at=answer.started_at,
        status=answer.status,
        headers=answer.headers,
    )
    return Fetched(answer=answer, extraction=await pool.extract(source))


async def archive_one(url: str, means: Means) -> Done | None:
    """Fetch a URL now and archive it; None when its host is being visited.

    A redirect to another host is followed there, once.

    Raises:
        BadUrl: not a URL that may be fetched.
    """
    done = await visit_for(await enter_link(url, means), means)
    if done and done.settlement.reason.startswith("moved to "):
        target = done.settlement.reason.removeprefix("moved to ")
        return await visit_for(await enter_link(target, means), means) or done
    return done


async def enter_link(url: str, means: Means) -> int:
    """Enter a URL into the ledger as an article due now; return the link's id."""
    address, now = fetch_url(url), means.now()
    link = NewLink(
        url=address,
        key=url_key(address),
        host=host_key(address),
        kind=LinkKind.ARTICLE,
        next_run=now,
    )

    def enter(tx: Tx) -> int:
        add_links(tx.session, [link], source=None, found_on=None, now=now)
        row = find_link(tx.session, link.key)
        assert row is not None  # noqa: S101  # entered in this transaction
        due_now(tx.session, int(row.id or 0), now)
        return int(row.id or 0)

    return await means.writer.run(enter)
