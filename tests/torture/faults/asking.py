"""Ask the running service for a fault's URL, and look at what came of it."""

import http.client
import time
from collections.abc import Sequence
from contextlib import suppress
from datetime import UTC, datetime
from urllib.parse import urlsplit

from sqlmodel import Session, col, or_, select

from crawler.cli.writing import running_service
from crawler.config.tree import Config
from crawler.errors import BadUrl
from crawler.urls import url_key
from crawler.web.client import ServiceRefused
from storage.sql.engine import reading_engine, sqlite_url
from storage.sql.tables import ArticleRow, CaptureRow, HostRow, LinkRow, VersionRow
from tests.torture.faults.server import FaultServer
from tests.torture.faults.variant import Seen, Variant

#: How long a feed's own links may take after it, beside each other.
_PATIENCE = 30.0
_LOOK_AGAIN = 0.1
_HEALTH_PATIENCE = 20.0
_ENTRIES = {"feed": "feeds", "sitemap": "sitemaps", "section": "sections"}


class Asking:
    """The service as its user sees it, and its ledger as it stands."""

    def __init__(self, config: Config, server: FaultServer) -> None:
        """Find the running service of an archive."""
        running = running_service(config)
        assert running is not None
        self._running = running
        self._server = server
        self._engine = reading_engine(sqlite_url(config.storage.folder))

    def ask(self, variant: Variant) -> Seen:
        """Ask for a variant's URL as often as it wants; return what is left."""
        started = time.monotonic()
        if variant.kind == "article":
            self._fetch(variant)
            wall = time.monotonic() - started
        else:
            self._watch(variant)
            wall = self._settled(variant, started)
        return self._look(variant, wall)

    def _fetch(self, variant: Variant) -> None:
        for _ in range(variant.fetches):
            with suppress(ServiceRefused):  # the ledger says what came of it
                self._running.post("/v1/fetch", {"url": variant.url, "wait": 60})

    def _watch(self, variant: Variant) -> None:
        source = {
            "name": variant.host.replace(".", " "),
            "home": f"{variant.scheme}://{variant.host}/",
            _ENTRIES[variant.kind]: [variant.url],
            **variant.manners,
        }
        self._running.post("/v1/sources", source)

    def _settled(self, variant: Variant, started: float) -> float:
        """Wait until nothing of a source is due; return when its entry was settled."""
        wall: float | None = None
        while time.monotonic() < started + _PATIENCE:
            time.sleep(_LOOK_AGAIN)
            with Session(self._engine) as session:
                links = self._links(session, variant)
                hosts = self._hosts(session, variant)
            entry = next((x for x in links if x.key == url_key(variant.url)), None)
            if entry is not None and entry.attempts and wall is None:
                wall = time.monotonic() - started
            if wall is not None and not _is_due(links, hosts):
                return wall
        return wall or _PATIENCE

    def _look(self, variant: Variant, wall: float) -> Seen:
        now = datetime.now(UTC)
        with Session(self._engine) as session:
            links = self._links(session, variant)
            ids = [row.id for row in links]
            hosts = {row.key: row for row in self._hosts(session, variant)}
            theirs = or_(
                *(col(CaptureRow.url).contains(f"//{x}") for x in _names(variant))
            )
            captures = session.exec(
                select(CaptureRow).where(theirs).order_by(col(CaptureRow.id))
            ).all()
            articles = select(ArticleRow.id).where(col(ArticleRow.link_id).in_(ids))
            kept = session.exec(articles).all()
            texts = session.exec(
                select(VersionRow.text).where(col(VersionRow.article_id).in_(kept))
            ).all()
        asked = next((x for x in links if x.key == _key(variant.url)), None)
        free_at = hosts[asked.host].free_at if asked else now
        return Seen(
            link=asked,
            links=links,
            captures=captures,
            hosts=hosts,
            articles=len(kept),
            versions=len(texts),
            requests=self._server.requests(variant.host),
            heads={
                path: heads
                for (name, path), heads in list(self._server.heads.items())
                if name == variant.host
            },
            dialled=dict(self._server.dialled),
            wall=wall,
            rest=(free_at - now).total_seconds(),
            texts=texts,
        )

    def _links(self, session: Session, variant: Variant) -> Sequence[LinkRow]:
        names = [*_names(variant)]
        keys = [*names, *(f"{name}{variant.port}" for name in names)]
        query = select(LinkRow).where(col(LinkRow.host).in_(keys))
        return session.exec(query.order_by(col(LinkRow.id))).all()

    def _hosts(self, session: Session, variant: Variant) -> Sequence[HostRow]:
        names = [*_names(variant)]
        keys = [*names, *(f"{name}{variant.port}" for name in names)]
        return session.exec(select(HostRow).where(col(HostRow.key).in_(keys))).all()


def _names(variant: Variant) -> Sequence[str]:
    return [variant.host, *variant.others]


def _key(url: str) -> str | None:
    try:
        return url_key(url)
    except BadUrl:
        return None


def _is_due(links: Sequence[LinkRow], hosts: Sequence[HostRow]) -> bool:
    """Tell whether a link waits for its first visit at a host that is free for it."""
    now = datetime.now(UTC)
    soon = {row.key for row in hosts if (row.free_at - now).total_seconds() < 5}
    return any(
        row.next_run is not None
        and row.next_run <= now
        and not row.attempts
        and row.host in soon
        for row in links
    )


def answers_in(address: str) -> float:
    """Return the seconds a service takes to say how it is."""
    started = time.monotonic()
    parts = urlsplit(address)
    connection = http.client.HTTPConnection(
        parts.hostname or "", parts.port, timeout=_HEALTH_PATIENCE
    )
    try:
        connection.request("GET", "/healthz")
        connection.getresponse().read()
    except OSError:
        return _HEALTH_PATIENCE
    finally:
        connection.close()
    return time.monotonic() - started
