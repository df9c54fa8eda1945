"""A scripted site on loopback, and the means of a visit on a real archive."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from ipaddress import IPv4Network
from pathlib import Path
from typing import Any

import structlog
from sqlmodel import Session, select

from crawler.config.plan import Plan, stray_plan
from crawler.config.tree import Config, Policy, Source
from crawler.errors import ExtractFailed
from crawler.extract.article import extract
from crawler.extract.source import PageSource
from crawler.fetch.client import Client, Limits
from crawler.fetch.guard import AddressPolicy
from crawler.means import Means, Watch
from crawler.urls import host_key, url_key
from storage.folder import DataFolder
from storage.model.extraction import Extraction
from storage.model.link import NewLink
from storage.model.link_kind import LinkKind, Way
from storage.sql.engine import sqlite_url, writing_engine
from storage.sql.ledger import add_links, find_link
from storage.sql.tables import HostRow, LinkRow, SourceRow
from storage.warc.segment import Segment
from storage.writer import Writer
from tests.migrated import empty_database

LOOPBACK = IPv4Network("127.0.0.0/8")
PARAGRAPH = (
    "The council of the harbour town met on Tuesday evening and agreed, after a long "
    "debate, to rebuild the old pier before the first ferries return in spring. "
)


def story(title: str, *, paragraphs: int = 4, head: str = "", tail: str = "") -> bytes:
    """Return a page that holds an article of its own words."""
    body = "".join(
        f"<p>{PARAGRAPH}Part {n} of {title} says what the {n} speakers said.</p>"
        for n in range(paragraphs)
    )
    return (
        f"<html lang=en><head><title>{title}</title>{head}</head><body>"
        f"<article><h1>{title}</h1>{body}{tail}</article></body></html>"
    ).encode()


@dataclass
class Site:
    """What a scripted site answers by path, and what it was asked.

    An answer is a body, or (status, headers, body); the last one stays for ever.
    `*` answers for all other paths.
    """

    answers: dict[str, list[Any]] = field(default_factory=dict)
    asked: list[tuple[str, dict[str, str]]] = field(default_factory=list)
    port: int = 0

    def url(self, path: str) -> str:
        return f"http://127.0.0.1:{self.port}{path}"

    @property
    def paths(self) -> list[str]:
        """The paths asked for, robots.txt left out."""
        return [path for path, _ in self.asked if path != "/robots.txt"]

    def answer(self, path: str) -> bytes:
        others = self.answers.get("*") or [(404, {}, b"not here")]
        queue = self.answers.get(path) or others
        given = queue.pop(0) if len(queue) > 1 else queue[0]
        status, headers, body = given if isinstance(given, tuple) else (200, {}, given)
        lines = [f"HTTP/1.1 {status} Said", f"Content-Length: {len(body)}"]
        if "Content-Type" not in headers:
            lines.append("Content-Type: text/html; charset=utf-8")
        lines += [f"{name}: {value}" for name, value in headers.items()]
        return "\r\n".join([*lines, "", ""]).encode() + body


@asynccontextmanager
async def scripted_site(
    address: str = "127.0.0.1", port: int = 0
) -> AsyncIterator[Site]:
    """Serve a site that answers 404 to all until told otherwise."""
    site = Site()

    async def converse(
        reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        try:
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                first, *lines = head.split("\r\n")
                path = first.split(" ")[1]
                headers = dict(line.split(": ", 1) for line in lines if line)
                site.asked.append((path, {k.lower(): v for k, v in headers.items()}))
                writer.write(site.answer(path))
                await writer.drain()
        except (asyncio.IncompleteReadError, OSError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(converse, address, port)
    site.port = server.sockets[0].getsockname()[1]
    try:
        yield site
    finally:
        server.close()


class InlinePool:
    """Extracts in this process; the real pool has tests of its own."""

    async def extract(self, source: PageSource) -> Extraction:
        if b"KILL THE CHILD" in source.body:
            raise ExtractFailed("the child died")
        return await asyncio.to_thread(extract, source)


@dataclass
class Desk:
    """An archive and the means to visit for it."""

    means: Means
    folder: DataFolder
    _session: Callable[[], Session]

    def read(self, statement: Any) -> list[Any]:  # noqa: ANN401
        with self._session() as session:
            return list(session.exec(statement).all())

    async def enter(
        self,
        url: str,
        kind: LinkKind = LinkKind.ARTICLE,
        source: int | None = None,
        way: Way = Way.NONE,
    ) -> int:
        now = self.means.now()
        link = NewLink(
            url=url, key=url_key(url), host=host_key(url), kind=kind, next_run=now
        )

        def work(tx: Any) -> int:  # noqa: ANN401
            add_links(
                tx.session, [link], source=source, found_on=None, now=now, way=way
            )
            row = find_link(tx.session, link.key)
            assert row is not None
            return int(row.id or 0)

        return await self.means.writer.run(work)

    async def add_source(self, home: str, **manners: object) -> int:
        """Enter a source without entry points, and watch it."""
        source = Source.model_validate({"name": "Town", "home": home})
        row = SourceRow(
            name=source.name,
            home=source.home,
            settings=source.model_dump(mode="json"),
            created_at=self.means.now(),
        )

        def work(tx: Any) -> int:  # noqa: ANN401
            tx.session.add(row)
            tx.session.flush()
            return int(row.id or 0)

        number = await self.means.writer.run(work)
        watch = Watch(id=number, source=source, plan=self.plan(**manners))
        self.use(watches={number: watch})
        return number

    def link(self, url: str) -> LinkRow:
        (row,) = self.read(select(LinkRow).where(LinkRow.key == url_key(url)))
        assert isinstance(row, LinkRow)
        return row

    def use(self, **changes: Any) -> None:  # noqa: ANN401
        self.means = replace(self.means, **changes)

    async def rested(self, url: str) -> None:
        """Wait until a host has had its rest, so that it may be visited."""
        host = host_key(url)
        for row in self.read(select(HostRow).where(HostRow.key == host)):
            pause = (row.free_at - self.means.now()).total_seconds()
            await asyncio.sleep(max(0.0, pause))

    def plan(self, **manners: object) -> Plan:
        return self.means.stray.model_copy(update=manners)


@asynccontextmanager
async def open_desk(path: Path, *, robots: str = "obey") -> AsyncIterator[Desk]:
    """Open a new archive with a plan of no delays on loopback."""
    folder = DataFolder(path)
    url = sqlite_url(folder.path)
    folder.database.write_bytes(empty_database())
    engine, readers = writing_engine(url), writing_engine(url)

    def now() -> datetime:
        return datetime.now(UTC)

    writer = Writer(
        engine,
        lambda: Segment(folder.warc, software="Test/1", operator="test", now=now()),
        now=now,
    )
    plan = stray_plan(Config()).model_copy(update={"delay": timedelta(0)})
    means = Means(
        folder=folder,
        writer=writer,
        pool=InlinePool(),  # type: ignore[arg-type]
        new_client=lambda: Client(
            user_agent="Test/1",
            limits=Limits(total=timedelta(seconds=5)),
            policy=AddressPolicy(allow_networks=(LOOPBACK,)),
        ),
        new_http2_client=lambda: Client(
            user_agent="Test/1",
            limits=Limits(total=timedelta(seconds=5)),
            policy=AddressPolicy(allow_networks=(LOOPBACK,)),
            http2=True,
        ),
        new_public_client=lambda: Client(
            user_agent="Test/1", limits=Limits(), policy=AddressPolicy()
        ),
        watches={},
        stray=plan,
        policy=Policy.model_validate({"robots": robots}),
        limits=Limits(),
        disk_floor=0,
        agent="Test",
        now=now,
        draw=lambda: 0.5,
        log=structlog.get_logger("test"),
    )
    try:
        yield Desk(means, folder, lambda: Session(readers))
    finally:
        await asyncio.to_thread(writer.close)
        engine.dispose()
        readers.dispose()
