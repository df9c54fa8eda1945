"""Lose the database and make it again from the WARC files: all of it is equal.

The demo web is crawled through several editions, with articles that change, go and come
back, a live blog and one on several pages; a re-extraction is promoted, another rolled
back; an article is hidden, another erased. On a file the last WARC file is left open,
with a torn record; on PostgreSQL two nodes with an object store crawl by turns, so that
visits of the same host alternate. Then the rows of before and of after are compared
field by field, by what outlives their ids, and by a hash of each table.
"""

import argparse
import asyncio
import random
import shutil
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from contextlib import AsyncExitStack, ExitStack, contextmanager
from datetime import UTC, datetime
from itertools import cycle
from pathlib import Path

from sqlalchemy import update
from sqlmodel import Session, col, select
from sqlmodel.sql.expression import SelectOfScalar

from crawler.config.tree import Config
from crawler.daemon.daemon import run_once
from crawler.demo.server import NewsWeb
from crawler.kept.reader import folder_of
from crawler.rebuild.rebuilding import Rebuilt, rebuild, rebuild_onto
from crawler.service.opening import open_service
from crawler.takedown import begin_takedown
from storage.documents import document_sha256
from storage.fixity import verify
from storage.folder import DATABASE
from storage.model.takedown import Depth
from storage.sql.engine import database_url, reading_engine, writing_engine
from storage.sql.reextraction import NewReading, promote, roll_back
from storage.sql.tables import ArticleRow, HostRow, LinkRow, PartRow, VersionRow
from storage.sql.takedowns import Wanted
from storage.writer import Tx
from tests.postgres import Server, serving
from tests.torture.facts import Facts, differences, facts, hashes, without_nodes
from tests.torture.world import read_config, write_config

#: Seconds of the demo at which it is crawled: changes, an article that hides, one gone.
EDITIONS = (0.0, 200.0, 320.0, 430.0, 500.0, 650.0)
FEW_EDITIONS = (0.0, 250.0, 430.0, 650.0)
NODES = 2
#: Links of one visit, so that a host is visited several times, by either node.
_AT_ONCE = 5
_HOSTS = 100


def run(args: argparse.Namespace, dice: random.Random) -> dict[str, object]:
    """Crawl, lose the database, rebuild, compare."""
    started = time.monotonic()
    with ExitStack() as held:
        place = Path(held.enter_context(tempfile.TemporaryDirectory()))
        on_server = (args.source, args.to) != ("sqlite", "sqlite")
        server = held.enter_context(serving()) if on_server else None
        source = held.enter_context(_database(server, args.source))
        target = held.enter_context(_database(server, args.to))
        figures = _run(args, dice, place, source, target)
    return figures | {"seconds": round(time.monotonic() - started, 1)}


@contextmanager
def _database(server: Server | None, kind: str) -> Iterator[str]:
    """Give a database as settings name it: a new one, or none for a file."""
    if kind == "sqlite" or server is None:
        yield ""
        return
    with server.empty() as url:
        yield url.replace("postgresql+psycopg://", "postgresql://")


def _run(
    args: argparse.Namespace,
    dice: random.Random,
    place: Path,
    source: str,
    target: str,
) -> dict[str, object]:
    sites, articles = (1, 4) if args.smoke else (7, 12)
    editions = FEW_EDITIONS if args.smoke else EDITIONS
    nodes = asyncio.run(_crawl(place, source, sites, articles, editions))
    asyncio.run(_read_again(nodes[0], dice))
    asyncio.run(_take_down(nodes, dice))
    before = facts(_url(nodes[0]))
    of_others = _among_nodes(before)
    known_damages = [damage for node in nodes for damage in _verified(node)]
    nodes, also = _lose(nodes, source, target)
    began = time.monotonic()
    now = datetime.now(UTC)
    own = nodes[0]
    if target:
        made = rebuild_onto(own, target, now, _nobody, also)
    else:
        made = rebuild(own, own.storage.folder, now, _nobody, replace=False)
    took = time.monotonic() - began
    for node in nodes:
        asyncio.run(_start(node))
    after = facts(_url(own))
    if not (source and target):
        before, after = without_nodes(before), without_nodes(after)
    wrong = differences(before, after)
    damages = [damage for node in nodes for damage in _verified(node)]
    sums = hashes(before), hashes(after)
    changes = Counter(row["change"] for row in before["version"].values())
    return {
        "from": args.source,
        "to": args.to,
        "compared": {table: len(rows) for table, rows in before.items()},
        "hashes_equal": sums[0] == sums[1],
        "changes": dict(changes),
        "gone": sum(row["state"] == "gone" for row in before["article"].values()),
        "formers": len(before["former_version"]),
        "parts": len(before["version_part"]),
        "revisits": sum(
            row["revisit_of"] is not None for row in before["capture"].values()
        ),
        "revisits_of_others": of_others,
        "equal_share": _share(before, wrong),
        "different": len(wrong),
        "samples": wrong[:10],
        "tables_different": dict(Counter(line.split(" ")[0] for line in wrong)),
        "verified": damages[:5],
        "verified_before": known_damages[:5],
        "damages": [f"{one.file} {one.why}" for one in made.damages][:5],
        "unread": made.unread,
        "rebuild_seconds": round(took, 1),
        "broken": _broken(wrong, made, damages, before)
        + (["hashes differ"] if sums[0] != sums[1] else []),
    }


def _nobody(_done: int, _total: int) -> None:
    pass


def _broken(
    wrong: list[str], made: Rebuilt, damages: list[str], before: Facts
) -> list[str]:
    seen = {
        "rows differ": bool(wrong),
        "damage told where there was none": bool(made.damages),
        "verify finds damage": bool(damages),
        "no second version": len(before["version"]) <= len(before["article"]),
        "no former version": not before["former_version"],
        "no joined parts": not before["version_part"],
        "nothing erased": not before["erasure"],
    }
    return [what for what, is_so in seen.items() if is_so]


def _share(before: Facts, wrong: list[str]) -> float:
    total = sum(len(rows) for rows in before.values())
    rows = {line.split(".")[0] for line in wrong}
    return round(1 - len(rows) / total, 6)


def _among_nodes(known: Facts) -> int:
    """Return how many revisits repeat what another node kept."""
    node = {key[0]: row["node"] for key, row in known["segment"].items()}
    return sum(
        node[row["segment"]] != node[row["revisit_of"][0]]
        for row in known["capture"].values()
        if row["revisit_of"] is not None
    )


async def _crawl(
    place: Path, database: str, sites: int, articles: int, editions: Sequence[float]
) -> list[Config]:
    second = 0.0
    async with NewsWeb(clock=lambda: second, articles=articles) as web:
        watched = (*web.sites[:sites], web.magazine)
        manners = {"delay": "0s", "poll": "1s", "revisit": "1s"}
        nodes = []
        for number in range(NODES if database else 1):
            home = place / f"node-{number}"
            home.mkdir()
            config = read_config(write_config(home, watched, manners))
            nodes.append(_moved(config, database, place / "objects"))
        for second in editions:
            if second:
                _make_due(nodes[0])
            if database:
                await _visit_together(nodes)
            else:
                await run_once(nodes[0])
    return nodes


def _moved(config: Config, database: str, objects: Path) -> Config:
    """Return settings of a node on a server, with an object store beside it."""
    changes = {"database": database, "objects": f"file://{objects}"}
    own = config.service.model_copy(update={"visit_links": _AT_ONCE})
    storage = config.storage.model_copy(update=changes if database else {})
    return config.model_copy(update={"storage": storage, "service": own})


async def _visit_together(nodes: Sequence[Config]) -> None:
    """Visit what is due until nothing is, a host each time by another node.

    What was kept before is in the store by then, so that a node repeats the other's.
    """
    async with AsyncExitStack() as held:
        services = [
            await held.enter_async_context(open_service(node)) for node in nodes
        ]
        for service in services:
            await service.push_objects()
        turns, started = cycle(services), services[0].means.now()
        while await services[0].is_pending(started):
            hosts = await services[0].due(_HOSTS)
            for host in hosts:
                await next(turns).visit(host)
            if len(hosts) % NODES == 0:
                next(turns)  # or each would have the same host again


def _url(config: Config) -> str:
    return database_url(config.storage.database, config.storage.folder)


def _make_due(config: Config) -> None:
    """Let everything be due that runs again, as if its time had come."""
    engine = writing_engine(_url(config))
    now = datetime.now(UTC)
    with Session(engine) as session:
        again = col(LinkRow.next_run).is_not(None)
        session.exec(update(LinkRow).where(again).values(next_run=now, haste="by hand"))
        session.exec(update(HostRow).values(free_at=now))
        session.commit()
    engine.dispose()


async def _read_again(config: Config, dice: random.Random) -> None:
    """Promote a run over some articles, another over others, and roll that back."""
    async with open_service(config) as service:
        now = service.means.now()
        for name in ("first", "second"):

            def put(tx: Tx, name: str = name) -> None:
                promote(tx.session, name, _readings(tx.session, name, dice), now)

            await service.means.writer.run(put)
        await service.means.writer.run(lambda tx: roll_back(tx.session, "second", now))


def _readings(session: Session, name: str, dice: random.Random) -> list[NewReading]:
    rows = session.exec(select(VersionRow)).all()
    return [
        NewReading(
            version_id=row.id or 0,
            was_sha256=document_sha256(row.document),
            document=row.document | {"section": f"read by {name}"},
            extractor=name,
        )
        for row in rows
        if dice.random() < 0.4
    ]


async def _take_down(nodes: Sequence[Config], dice: random.Random) -> None:
    """Hide an article and erase another, once all files are where all can have them."""
    for node in nodes:
        await _start(node)
    async with open_service(nodes[-1]) as service:
        with service.session() as session:
            ids = session.exec(_of_one_page()).all()
        hidden, erased = dice.sample(ids, 2)
        await begin_takedown(service, [str(hidden)], Wanted(depth=Depth.HIDE))
        await begin_takedown(service, [str(erased)], Wanted(depth=Depth.ERASE))
    for node in nodes:
        await _start(node)


def _of_one_page() -> SelectOfScalar[int | None]:
    """Select the articles that were not joined of several pages: these are to stay."""
    joined = select(VersionRow.article_id).join(
        PartRow, col(PartRow.version_id) == VersionRow.id
    )
    others = select(ArticleRow.id).where(col(ArticleRow.id).not_in(joined))
    return others.order_by(col(ArticleRow.id))


async def _start(config: Config) -> None:
    """Start a node and have it put its files into the store, if there is one."""
    async with open_service(config) as service:
        await service.push_objects()


def _lose(
    nodes: list[Config], source: str, target: str
) -> tuple[list[Config], list[Path]]:
    """Lose the database; return the nodes of the new one, and folders of others.

    A file wants all WARC files in its own folder.
    """
    own, *others = nodes
    if not source:
        for path in own.storage.folder.glob(f"{DATABASE}*"):
            path.unlink()
        _tear(own.storage.folder / "warc")
    if not target:
        for other in others:
            for path in (other.storage.folder / "warc").iterdir():
                shutil.copy2(path, own.storage.folder / "warc" / path.name)
        return [_named(own, "")], []
    return [_named(node, target) for node in nodes], [
        other.storage.folder for other in others
    ]


def _named(config: Config, database: str) -> Config:
    storage = config.storage.model_copy(update={"database": database})
    return config.model_copy(update={"storage": storage})


def _tear(warc: Path) -> None:
    """Leave the last file as a killed process does: open, with half a record."""
    last = max(warc.glob("*.warc.gz"))
    whole = last.read_bytes()
    last.with_name(f"{last.name}.open").write_bytes(whole + whole[:300])
    last.unlink()


def _verified(config: Config) -> list[str]:
    engine = reading_engine(_url(config))
    with Session(engine) as session:
        found = verify(folder_of(config), session, full=True)
        damages = [f"{one.file} at {one.offset}: {one.why}" for one in found]
    engine.dispose()
    return damages
