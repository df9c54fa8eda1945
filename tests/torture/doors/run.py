"""What other archives' tools read at our doors is what was received.

The demo's news web is crawled. cdxj-indexer makes the indexes again, pywb replays by
ours, and a Memento client walks TimeMaps, TimeGates and mementos of the service.
"""

import argparse
import asyncio
import random
import tempfile
from collections import Counter
from datetime import datetime
from pathlib import Path

import httpx
from sqlmodel import col, select, update

from crawler.clock import utc_now
from crawler.config.limits import fetch_limits
from crawler.config.tree import Config
from crawler.daemon.daemon import run_once
from crawler.demo.server import NewsWeb
from crawler.kept.captures import kept_exchange
from crawler.service.opening import open_service
from crawler.service.pulse import Pulse
from crawler.service.service import Service
from crawler.web.server import serve_pages
from storage.folder import read_holder
from storage.model.link_state import LinkState
from storage.sql.tables import CaptureRow, LinkRow
from storage.warc.cdxj import unindexed, write_cdxj
from storage.writer import Tx
from tests.torture.doors import client, tools
from tests.torture.replay import pywb
from tests.torture.replay.captures import Expected

CAPTURES = 100
#: pywb hands out a 304 as one, without the page; our doors show the page.
NOT_MODIFIED = "not modified"


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Crawl, and let others read it."""
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        place = Path(args.tools) if args.tools else folder / "tools"
        place.mkdir(parents=True, exist_ok=True)
        figures = asyncio.run(_asked(folder, dice))
        chosen: list[Expected] = figures.pop("chosen")  # type: ignore[assignment]
        files = unindexed(folder / "data" / "warc")
        for file in files:
            write_cdxj(file)
        indexer = tools.indexer(place / "cdxj")
        lines = [line for f in files for line in tools.other_lines(indexer, f)]
        differing = [line for some in lines for line in some]
        wayback = pywb.environment(place / "pywb")
        (folder / "pywb").mkdir()
        replayed = list(tools.replayed(folder / "pywb", files, wayback, chosen))
    wrong: list[str] = figures.pop("wrong")  # type: ignore[assignment]
    return {
        **figures,
        "replayed": len(chosen),
        "replayed_otherwise": len(replayed),
        "lines_differ": len(differing),
        "broken": [*wrong, *replayed, *differing][:20],
    }


async def _asked(folder: Path, dice: random.Random) -> dict[str, object]:
    """Return figures, the captures for pywb, and what the Memento client found wrong."""
    config = _settings(folder)
    async with NewsWeb() as web:
        sources = tuple(site.source() for site in web.sites)
        config = Config.model_validate({**config.model_dump(), "sources": sources})
        await run_once(config)
        async with open_service(config) as service:
            await service.means.writer.run(_look_again)
        await run_once(config)
        async with open_service(config) as service:
            known = _captures(service)
            urls = sorted({one.url for one in known})
            dice.shuffle(urls)
            bodies = {(one.url, _second(one.at)): one.body for one in known}
            mementos, wrong = 0, []
            async with (
                serve_pages(service, Pulse()) as address,
                httpx.AsyncClient(trust_env=False, timeout=30) as visitor,
            ):
                token = (read_holder(service.folder.path) or {})["token"]
                visitor.headers["Authorization"] = f"Bearer {token}"
                for url in urls[:CAPTURES]:
                    count, faults = await client.walk(
                        visitor,
                        address,
                        url,
                        lambda url, at: bodies.get((url, at)),
                    )
                    mementos += count
                    wrong += faults
    sent = [one for one in known if one.name != NOT_MODIFIED]
    dice.shuffle(sent)
    return {
        "captures": len(known),
        "urls": len(urls[:CAPTURES]),
        "mementos": mementos,
        "chosen": sent[:CAPTURES],
        "wrong": wrong,
    }


def _look_again(tx: Tx) -> None:
    """Make all that is archived due, so that there are captures of it twice."""
    archived = col(LinkRow.state) == LinkState.ARCHIVED
    tx.session.execute(update(LinkRow).where(archived).values(next_run=utc_now()))


def _captures(service: Service) -> list[Expected]:
    """Return what was received, where one second and key hold one capture alone."""
    limits = fetch_limits(service.config)
    with service.session() as session:
        rows = session.exec(select(CaptureRow).where(col(CaptureRow.surt) != "")).all()
        alone = Counter((row.surt, _second(row.fetched_at)) for row in rows)
        found = []
        for row in rows:
            if alone[row.surt, _second(row.fetched_at)] > 1 or row.status in range(
                300, 304
            ):
                continue
            source = row.original if row.status == 304 and row.original else row
            exchange = kept_exchange(service.folder, limits, source)
            name = NOT_MODIFIED if row.status == 304 else ""
            found.append(Expected(name, row.url, row.fetched_at, exchange.body))
    return found


def _second(at: datetime) -> datetime:
    return at.replace(microsecond=0)


def _settings(folder: Path) -> Config:
    return Config.model_validate(
        {
            "identity": {"contact": "test@news.example"},
            "storage": {"folder": str(folder / "data"), "disk_floor": "1MiB"},
            "defaults": {"delay": "0s", "max_age": "3650d"},
            "policy": {"allow_networks": ["127.0.0.0/8"]},
            "service": {"port": 0, "visit_links": 50},
        }
    )
