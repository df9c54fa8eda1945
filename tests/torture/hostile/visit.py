"""A page that takes its child down, seen by a whole visit: evidence and reason stay."""

import random
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlmodel import select

from crawler.extract.children.pool import ChildLimits, ExtractPool
from crawler.extract.source import PageSource
from crawler.kept.unread import exchange_of
from crawler.urls import host_key
from crawler.visits.visit import visit
from storage.sql.tables import ArticleRow, CaptureRow
from tests.crawler.desk import Desk, Site, open_desk, scripted_site, story
from tests.torture.hostile.markup import GENERATORS, TRUTH

KILLER = "breaks"
_SIZE = 9_000_000
_LONG = timedelta(minutes=10)
_SHORT = ChildLimits(cpu=timedelta(seconds=1), wall=_LONG)
_PATIENT = ChildLimits(cpu=timedelta(minutes=2), wall=_LONG)


async def visit_killer() -> dict[str, object]:
    """Let a real visit meet a page its child cannot finish; return what is left."""
    with TemporaryDirectory() as name:
        async with (
            scripted_site() as site,
            open_desk(Path(name) / "data") as desk,
            ExtractPool(workers=1, limits=_SHORT) as pool,
        ):
            return await _visit(desk, site, pool)


async def _visit(desk: Desk, site: Site, pool: ExtractPool) -> dict[str, object]:
    body = GENERATORS[KILLER](_SIZE, random.Random(1))
    site.answers["/robots.txt"] = [b""]
    site.answers["/killer"] = [body]
    site.answers["/after"] = [story("The pier is rebuilt at last")]
    desk.use(pool=pool)
    for path in ("/killer", "/after"):
        await desk.enter(site.url(path))
        await desk.rested(site.url("/"))
        await visit(host_key(site.url("/")), desk.means, budget=20)
    killer, after = desk.link(site.url("/killer")), desk.link(site.url("/after"))
    (capture,) = desk.read(select(CaptureRow).where(CaptureRow.link_id == killer.id))
    kept = exchange_of(desk.means, capture)
    async with ExtractPool(workers=1, limits=_PATIENT) as patient:
        again = await patient.extract(PageSource(kept.url, kept.body, kept.started_at))
    found = again.article.text if again.article else ""
    return {
        "killer": {"state": killer.state, "reason": killer.reason},
        "evidence": capture.evidence,
        "after": after.state,
        "articles": len(desk.read(select(ArticleRow))),
        "broken": [
            what
            for what, holds in (
                ("the killer's link is not in error", killer.state == "error"),
                ("no reason", "child" in (killer.reason or "")),
                ("no evidence", bool(capture.evidence)),
                ("its bytes are not in the WARC", kept.body == body),
                ("the next link is not archived", after.state == "archived"),
                ("nothing is read from what was kept", TRUTH in found),
            )
            if not holds
        ],
    }
